//! The client against a local server that plays Amazon, faults included.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test says what it expects by failing, in its helpers too"
)]

mod application;
mod business;
mod calls;
mod conformance;
mod documents;
mod downloads;
mod feeds;
mod life_cycle;
mod lost_answers;
mod reports;
mod scene;
mod server;
mod tokens;
mod vendor;
