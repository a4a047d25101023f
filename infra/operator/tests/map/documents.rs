//! Documents of VAT reports.
