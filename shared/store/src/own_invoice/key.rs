//! Sort keys, and the names of files that are made of them.

use std::fmt::Write as _;

use countinghouse_domain::ids::SellerId;
use countinghouse_vat_invoices::document::{DueDocument, TransactionType};
use countinghouse_vat_invoices::documents::DocumentKey;
use countinghouse_vat_invoices::number::InvoiceNumber;
use sha2::{Digest, Sha256};

pub(super) const KEYS: (&str, &str) = ("seller", "document");
/// Where everything about own invoices lies.
const ROOT: &str = "own-invoices/";
/// The most bytes of a name that go into a key of an item or an object, which have 1,024.
const LONGEST_NAME: usize = 700;

/// The sort key of a document: `shipment <shipping-id>` for a shipment, `transaction <transaction-id>` for a refund or a
/// return. A corrected invoice is `shipment <shipping-id> corrected <transaction-id>`. Where Amazon's numbers are missing,
/// what is there tells it; without any, its content does.
pub fn own_document_key(document: &DueDocument) -> String {
    let identity = DocumentKey::of_document(document).identity;
    if identity.is_empty() {
        return format!("unidentified {}", fingerprint(&content(document)));
    }
    // A refund is never taken for the shipment whose number it shows.
    let is_told_by_itself = identity.starts_with("transaction ");
    match document.transaction_type {
        TransactionType::Shipment => short(&identity),
        TransactionType::Refund | TransactionType::Return if is_told_by_itself => short(&identity),
        TransactionType::Refund | TransactionType::Return | TransactionType::Unknown => {
            short(&format!("{} of {identity}", document.transaction_type.name()))
        }
    }
}

/// What a document without any number is told by.
fn content(document: &DueDocument) -> String {
    let mut text = format!(
        "{} {} {:?} {:?} {} {} {}",
        document.transaction_type.name(),
        document.marketplace,
        document.order_date,
        document.shipment_date,
        document.currency,
        document.total.gross,
        document.total.vat
    );
    for line in &document.lines {
        let _infallible = write!(text, " {} {} {}", line.quantity, line.sku, line.asin);
    }
    text
}

/// The sort key of the invoice of a shipment.
pub(super) fn shipment_key(shipping_id: &str) -> String {
    short(&format!("shipment {shipping_id}"))
}

/// The sort key of a series.
pub(super) fn series_key(series: &str) -> String {
    format!("series {}", short(series))
}

/// The sort key of a number in the register.
pub(super) fn number_key(number: &str) -> String {
    format!("{NUMBERS}{}", short(number))
}

/// How the sort keys of all numbers begin.
pub(super) const NUMBERS: &str = "number ";

/// The sort key of a feed: it leads to its document.
pub(super) fn feed_key(feed_id: &str) -> String {
    format!("feed {}", short(feed_id))
}

/// Whether a sort key is that of a document.
pub(super) fn is_document(key: &str) -> bool {
    !["series ", NUMBERS, "feed "].iter().any(|other| key.starts_with(other))
}

fn short(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let cut: String = name.chars().take(150).collect();
    format!("{cut}… {}", fingerprint(name))
}

fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(16).collect()
}

/// The key of a seller's profile. The logo that it names lies beside it.
pub fn profile_key(seller: &SellerId) -> String {
    format!("{ROOT}{seller}/profile.toml")
}

/// The key of a file beside the profile; none for a name that would lead elsewhere.
pub fn beside_profile_key(seller: &SellerId, name: &str) -> Option<String> {
    let leads_elsewhere = name.is_empty() || name.contains(['/', '\\']) || name == "." || name == "..";
    (!leads_elsewhere).then(|| format!("{ROOT}{seller}/{name}"))
}

/// The key of a document as a report told of it.
pub fn due_key(seller: &SellerId, document: &str) -> String {
    format!("{ROOT}{seller}/due/{}.json", file_name(document))
}

/// The key of a PDF or XML under its number.
pub fn issued_key(seller: &SellerId, number: &InvoiceNumber, extension: &str) -> String {
    format!("{ROOT}{seller}/issued/{}.{extension}", number.file_stem())
}

/// Letters, digits and `-_.` as they are, the first blank as `-`, everything else as `~` and two hexadecimal digits. Two
/// sort keys never have one name: a sort key begins with one of a few words, and none has a `-`.
fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    let mut is_first_blank = true;
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            name.push(char::from(byte));
        } else if byte == b' ' && is_first_blank {
            name.push('-');
            is_first_blank = false;
        } else {
            let _infallible = write!(name, "~{byte:02X}");
        }
    }
    if name.len() > LONGEST_NAME {
        name.truncate(LONGEST_NAME.saturating_sub(17));
        name.push('-');
        name.push_str(&fingerprint(key));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seller() -> SellerId {
        "A3TH9S8BH6GOGM".parse().unwrap()
    }

    #[test]
    fn a_document_has_a_file_of_its_own_whatever_its_number() {
        let key = |name: &str| due_key(&seller(), name);
        assert_eq!(key("shipment 409302382"), "own-invoices/A3TH9S8BH6GOGM/due/shipment-409302382.json");
        let crow = "transaction amzn1:crow:abc/d";
        assert_eq!(key(crow), "own-invoices/A3TH9S8BH6GOGM/due/transaction-amzn1~3Acrow~3Aabc~2Fd.json");
        assert_ne!(key("shipment a b"), key("shipment a-b"));
        let long = key(&format!("transaction {}", "ü".repeat(340)));
        assert!(long.len() < 1_024 && long != key(&format!("transaction {}", "ü".repeat(341))), "{long}");
    }

    #[test]
    fn an_invoice_lies_under_its_number() {
        let number = "RE 2026/11".parse().unwrap();
        assert_eq!(issued_key(&seller(), &number, "pdf"), "own-invoices/A3TH9S8BH6GOGM/issued/RE~202026~2F11.pdf");
    }

    #[test]
    fn a_logo_lies_beside_the_profile_and_nowhere_else() {
        let beside = |name| beside_profile_key(&seller(), name);
        assert_eq!(beside("logo.svg").as_deref(), Some("own-invoices/A3TH9S8BH6GOGM/logo.svg"));
        for name in ["", "..", "../B/profile.toml", "issued/1.pdf", "a\\b"] {
            assert_eq!(beside(name), None, "{name}");
        }
    }

    #[test]
    fn documents_are_told_from_what_stands_beside_them() {
        assert!(is_document("shipment 1") && is_document("transaction 1") && is_document("refund of shipment 1"));
        for key in [series_key("INV-#"), number_key("INV-1"), feed_key("1")] {
            assert!(!is_document(&key), "{key}");
        }
    }
}
