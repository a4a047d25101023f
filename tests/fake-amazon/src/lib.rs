#![doc = include_str!("../README.md")]

mod account;
mod admin;
mod application;
mod business;
mod clock;
mod content;
mod delivery;
mod dispatch;
mod download;
mod faults;
mod feeds;
mod gate;
mod handle;
mod lwa;
mod marketplaces;
mod notifications;
mod operations;
mod participations;
mod rates;
mod reply;
mod report;
mod reports;
mod restricted;
mod sandbox;
mod scenario;
mod seller;
mod seller_config;
mod server;
mod vat;
mod vendor;
mod world;

pub use account::{Kind, Role};
pub use application::ApplicationConfig;
pub use business::{
    AddedInvoice, AddedTransaction, BusinessConfig, MissingInvoice, Purchases, PurchasesTruth, RefundAmounts,
    TruthDifference, TruthInvoice, TruthSum,
};
pub use content::{Compression, Content, ContentError};
pub use delivery::{ForeignNotification, REPORT_PROCESSING_FINISHED, SentNotification};
pub use faults::{Fault, FaultKind};
pub use feeds::{
    FeedOutcome, FeedRecord, FeedResult, FeedSettings, Shipments, UPLOAD_VAT_INVOICE, VIDR_FLAT, VIDR_XML, VatDocument,
    VidrError,
};
pub use handle::{FakeAmazon, StartError};
pub use marketplaces::Region;
pub use operations::Operation;
pub use rates::{Plan, RateSettings};
pub use sandbox::SandboxError;
pub use scenario::{
    Delays, Lifetimes, NotificationMode, NotificationSettings, Outcome, OutcomeResult, SETTLEMENT_V2, Scenario,
    ScenarioError, Secret, SellerConfig, SettlementConfig, VAT_REPORT, VatRows, VidrRows,
};
pub use vat::VatError;
pub use vendor::{VendorApi, VendorConfig, VendorError, VendorOutcome, VendorResult, VendorSubmission};
pub use world::{CallRecord, StateError};
