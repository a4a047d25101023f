//! A stored report that a person has booked again: to `book-documents`.

use serde::{Deserialize, Serialize};

use super::Version;

/// A stored report that is to be booked again, after a fix or with newer rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookAgain {
    /// Version 1.
    pub version: Version,
    /// The bucket.
    pub bucket: String,
    /// The object.
    pub key: String,
    /// Its version, so that the bytes are those that were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The order.
    pub again: Again,
}

/// An order to book a report again, and what it rests on. Whatever is absent is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// By this the one who gave the order recognises what came of it.
    pub order: String,
    /// SHA-256 of the bytes, after decompression, of which a person has seen the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The version of the program that worked the difference out: another one might book something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program_version: Option<String>,
    /// Its table of rules, by its fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::Booking;
    use super::*;

    #[test]
    fn an_order_to_book_again_reads_what_it_writes_and_is_no_event_of_the_bucket() {
        let again = Again { order: "1".to_owned(), sha256: Some("00".to_owned()), program_version: None, rules: None };
        let order = BookAgain {
            version: Version,
            bucket: "b".to_owned(),
            key: "k".to_owned(),
            version_id: Some("v".to_owned()),
            again,
        };
        let text = serde_json::to_string(&order).unwrap();
        assert!(matches!(serde_json::from_str(&text).unwrap(), Booking::Again(read) if read == order), "{text}");
    }
}
