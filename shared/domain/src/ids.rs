//! Amazon's identifiers. Each is text (leading zeros and numbers beyond 2^53 occur), validated when made and
//! when read back.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that cannot be an identifier of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {kind} is 1 to {max} letters, digits or -_.:+/ signs, but has {found}")]
pub struct InvalidId {
    kind: &'static str,
    max: usize,
    found: &'static str,
}

fn check(kind: &'static str, max: usize, text: &str) -> Result<(), InvalidId> {
    let fault = |found| Err(InvalidId { kind, max, found });
    if text.is_empty() {
        return fault("none");
    }
    if text.len() > max {
        return fault("more");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+/=|".contains(&byte);
    if text.bytes().all(allowed) { Ok(()) } else { fault("another sign") }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as Amazon writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check($kind, $max, text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                check($kind, $max, &text).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

id!(
    /// A selling partner, for example `A3TH9S8BH6GOGM`.
    SellerId, "seller id", 64
);
id!(
    /// A settlement, 1 to 20 digits in Amazon's old field definitions; kept as text.
    SettlementId, "settlement id", 40
);
id!(
    /// A report; unique only together with the seller.
    ReportId, "report id", 80
);
id!(
    /// The document of a report; its structure means nothing.
    ReportDocumentId, "report document id", 256
);
id!(
    /// A transaction of a vendor, for example `20190904171225-e1275c33-d75b-4bfe-b95c-15a9abfc09cc`.
    TransactionId, "transaction id", 128
);
id!(
    /// A feed; unique only together with the seller.
    FeedId, "feed id", 80
);
id!(
    /// The bytes of a feed, or its processing report; its structure means nothing.
    FeedDocumentId, "feed document id", 256
);
id!(
    /// A marketplace, for example `A1PA6795UKMFR9` for Germany.
    MarketplaceId, "marketplace id", 32
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_leading_zeros() {
        assert_eq!("04488191799396".parse::<SettlementId>().unwrap().as_str(), "04488191799396");
    }

    #[test]
    fn an_id_with_a_blank_or_a_control_sign_is_refused_also_when_read_back() {
        assert!("a b".parse::<ReportId>().is_err());
        assert!("".parse::<SellerId>().is_err());
        assert!(serde_json::from_str::<SellerId>("\"A\\nB\"").is_err());
        assert!("1".repeat(41).parse::<SettlementId>().is_err());
    }
}
