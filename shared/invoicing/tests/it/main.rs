//! Documents of every case and language, from the document that is due to PDF and XML.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod cases;
mod pages;
mod random;
mod refusals;
mod xml;
