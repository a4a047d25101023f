#![doc = include_str!("../README.md")]

mod answer;
mod budget;
mod business;
mod client;
mod config;
mod credentials;
mod documents;
mod download;
mod error;
mod exchange;
mod feeds;
mod model;
mod reports;
mod request;
mod retry;
mod signing;
mod token;
mod transport;
mod vendor;

pub use answer::{Answer, Problem};
pub use budget::LocalBudget;
pub use client::{Amazon, Seller};
pub use config::{AmazonConfig, Endpoints, InvalidUserAgent, Timeouts, UserAgent};
pub use credentials::{CredentialError, CredentialSource, Credentials};
pub use documents::{Compression, ReportDocument};
pub use download::Download;
pub use error::{AmazonError, Call, Failure, Refusal};
pub use feeds::{CreatedFeed, Feed, FeedRequest, ReadyToUpload};
pub use model::{InvalidRequest, PageToken, Report, ReportRequest, ReportStatus, ReportsPage, ReportsQuery};
pub use retry::{Decision, GiveUp, Outcome, RetryPolicy, decide};
pub use signing::Signing;
pub use vendor::{ReadyToSubmit, Submission, Transaction, TransactionState};
