//! The server as its clients see it: over HTTP, with a frozen clock that the tests move.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing, in its helpers too"
)]

mod admin;
mod applications;
mod business;
mod download;
mod faults;
mod feeds;
mod life_cycle;
mod models;
mod notifications;
mod paging;
mod program;
mod python_client;
mod rates;
mod restricted;
mod sandbox;
mod support;
mod vendor;
