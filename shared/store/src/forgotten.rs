//! What is forgotten about an order: named, never shown.

use crate::Item;

/// An item, or an object of the bucket, with what is personal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonalItem {
    /// Which: its keys, for example `A3TH9S8BH6GOGM invoice DE600000000AA / personal`.
    pub place: String,
    /// The names of its personal attributes, without anything of their contents.
    pub attributes: Vec<String>,
}

impl PersonalItem {
    /// An item of a table with these keys.
    pub(crate) fn of(item: &Item, keys: (&str, &str)) -> Self {
        const NOT_PERSONAL: [&str; 6] =
            ["expires_at", "version", "account", "line", "transaction_id", "invoice_number"];
        let key = |name: &str| item.get(name).and_then(|key| key.as_s().ok()).map_or("", String::as_str);
        let is_personal = |name: &&String| *name != keys.0 && *name != keys.1 && !NOT_PERSONAL.contains(&name.as_str());
        let mut attributes: Vec<_> = item.keys().filter(is_personal).cloned().collect();
        attributes.sort_unstable();
        Self { place: format!("{} / {}", key(keys.0), key(keys.1)), attributes }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    #[test]
    fn an_item_is_named_by_its_keys_and_attributes_and_shows_no_contents() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = Item::from([
            ("document".to_owned(), text("A1 invoice 1")),
            ("part".to_owned(), text("personal")),
            ("ship_to_city".to_owned(), text("geheim")),
            ("buyer_registration".to_owned(), text("geheim")),
            ("expires_at".to_owned(), AttributeValue::N("1".to_owned())),
        ]);
        let named = PersonalItem::of(&item, ("document", "part"));
        assert_eq!(named.place, "A1 invoice 1 / personal");
        assert_eq!(named.attributes, ["buyer_registration", "ship_to_city"]);
    }
}
