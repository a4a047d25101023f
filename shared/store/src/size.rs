//! How large an item is by DynamoDB's rules, and what writing it costs.
//!
//! Source: Amazon DynamoDB developer guide, "DynamoDB Item sizes and formats".

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Item;

/// A write unit pays for this many bytes.
const WRITE_UNIT_BYTES: usize = 1024;

/// The size of an item: the names and the values of its attributes.
pub fn item_bytes(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len().saturating_add(value_bytes(value))).fold(0, usize::saturating_add)
}

/// What writing an item costs: one unit for each 1,024 bytes begun.
pub fn write_units(bytes: usize) -> usize {
    bytes.div_ceil(WRITE_UNIT_BYTES).max(1)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the SDK may add kinds of values, which this program does not write"
)]
fn value_bytes(value: &AttributeValue) -> usize {
    // A list or map costs three bytes, and one more for each element.
    const COLLECTION: usize = 3;
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(text) => number_bytes(text),
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::L(list) => {
            list.iter().map(|each| value_bytes(each).saturating_add(1)).fold(COLLECTION, usize::saturating_add)
        }
        AttributeValue::M(map) => item_bytes(map).saturating_add(map.len()).saturating_add(COLLECTION),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|each| number_bytes(each)).sum(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|each| each.as_ref().len()).sum(),
        // A truth value or a null.
        _ => 1,
    }
}

/// One byte for two significant digits, one more, and one for a minus. The digits are counted in pairs on each
/// side of the point, as DynamoDB stores them; never less than it charges.
fn number_bytes(text: &str) -> usize {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0').len().div_ceil(2);
    let fraction = fraction.trim_end_matches('0').len().div_ceil(2);
    whole.saturating_add(fraction).saturating_add(1).saturating_add(usize::from(negative))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::ItemBuilder;

    #[test]
    fn an_item_is_as_large_as_its_names_and_values() {
        let item = ItemBuilder::new().text("name", "Müller").number("amount", "-12.30").flag("derived", true).take();
        // name 4 + 7 bytes of UTF-8, amount 6 + (1 + 1 + 1 + 1), derived 7 + 1
        assert_eq!(item_bytes(&item), 4 + 7 + 6 + 4 + 7 + 1);
    }

    #[test]
    fn a_list_and_a_map_cost_three_bytes_and_one_for_each_element() {
        let item = ItemBuilder::new().texts("l", ["ab", "c"]).take();
        assert_eq!(item_bytes(&item), 1 + 3 + (2 + 1) + (1 + 1));
        let inner = ItemBuilder::new().text("k", "v").take();
        let item = ItemBuilder::new().map("m", inner).take();
        assert_eq!(item_bytes(&item), 1 + 3 + (1 + 1) + 1);
    }

    #[test]
    fn a_write_unit_pays_for_1024_bytes() {
        assert_eq!([1, 1024, 1025, 0].map(write_units), [1, 1, 2, 1]);
    }
}
