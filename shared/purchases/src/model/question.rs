//! What invoices are asked for with.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::{Fault, Other, Part, Reader};

/// As many line items as one request may hold.
pub const MOST_ORDER_LINE_ITEMS: usize = 25;

/// A line of an order in a shipment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLineItem {
    /// The order.
    pub order_id: String,
    /// The line.
    pub order_line_item_id: String,
    /// The shipment.
    pub shipment_id: String,
}

impl Part for OrderLineItem {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let (mut fields, mut other) = (reader.fields(raw)?, Other::new());
        let item = Self {
            order_id: reader.take("orderId", &mut fields, &mut other)?,
            order_line_item_id: reader.take("orderLineItemId", &mut fields, &mut other)?,
            shipment_id: reader.take("shipmentId", &mut fields, &mut other)?,
        };
        reader.keep(fields, &mut other);
        reader.spill(other);
        Ok(Some(item))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

/// The requests that ask for these line items: each once, in order, as many in a request as Amazon allows.
pub fn questions(items: impl IntoIterator<Item = OrderLineItem>) -> Vec<Vec<OrderLineItem>> {
    let mut items: Vec<OrderLineItem> = items.into_iter().collect();
    items.sort();
    items.dedup();
    items.chunks(MOST_ORDER_LINE_ITEMS).map(<[OrderLineItem]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: usize) -> OrderLineItem {
        OrderLineItem {
            order_id: "114-1458190-2465828".to_owned(),
            order_line_item_id: format!("{number:03}"),
            shipment_id: "DhG3L9W23".to_owned(),
        }
    }

    #[test]
    fn no_request_asks_for_more_than_amazon_allows_and_none_twice() {
        let asked = questions((0..60).chain(10..20).map(item));
        assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 10]);
        assert_eq!(asked.concat(), (0..60).map(item).collect::<Vec<_>>());
        assert!(questions([]).is_empty());
    }

    #[test]
    fn a_line_item_is_written_with_amazons_names() {
        let expected = r#"{"orderId":"114-1458190-2465828","orderLineItemId":"007","shipmentId":"DhG3L9W23"}"#;
        assert_eq!(serde_json::to_string(&item(7)).unwrap(), expected);
    }
}
