//! Documents of every case and language, from the document that is due to PDF and XML.

mod cases;
mod pages;
mod random;
mod refusals;
mod xml;
