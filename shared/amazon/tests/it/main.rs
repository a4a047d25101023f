//! The client against a local server that plays Amazon, faults included.

mod calls;
mod conformance;
mod documents;
mod downloads;
mod lost_answers;
mod reports;
mod scene;
mod server;
mod tokens;
