//! The accounts that are connected: sellers, vendors, buyers on Amazon Business.

use aws_sdk_dynamodb::Client;
use countinghouse_domain::ids::{MarketplaceId, SellerId};
use countinghouse_domain::marketplace::Region;
use jiff::Timestamp;

use crate::item::{Fields, ItemBuilder};
use crate::table::Table;
use crate::{Item, StoreError};

/// What is done for a seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each flow is on or off by itself, as the item says")]
pub struct Flows {
    /// VAT reports become invoices and credit notes.
    pub vat: bool,
    /// Settlements become payments.
    pub settlements: bool,
    /// Vendor invoices are checked, submitted and followed.
    pub vendor: bool,
    /// Purchases on Amazon Business are pulled and reconciled.
    pub purchases: bool,
    /// The seller's own invoices are made, numbered and uploaded.
    pub invoicing: bool,
}

/// An account at Amazon: a seller, a vendor or a buyer on Amazon Business. `flows` says what it is connected for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Amazon's id of the selling partner.
    pub seller_id: SellerId,
    /// A name for people.
    pub name: String,
    /// The region whose endpoint serves the seller.
    pub region: Region,
    /// The marketplaces that reports are requested for.
    pub marketplace_ids: Vec<MarketplaceId>,
    /// The secret in Secrets Manager that holds the credentials.
    pub secret_name: String,
    /// When the seller was connected.
    pub connected_at: Timestamp,
    /// What is done for the seller.
    pub flows: Flows,
}

/// The table of sellers.
#[derive(Debug, Clone)]
pub struct Sellers {
    table: Table,
}

const KEYS: (&str, &str) = ("seller_id", "name");

impl Sellers {
    /// The sellers in this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table, KEYS) }
    }

    /// Every connected seller, by id.
    pub async fn list(&self) -> Result<Vec<Seller>, StoreError> {
        let mut sellers = Vec::new();
        let mut start = None;
        loop {
            let request = self.table.client.scan().table_name(&self.table.name).consistent_read(true);
            let answer = request.set_exclusive_start_key(start).send().await;
            let answer = answer.map_err(|error| StoreError::sdk(self.table.operation("Scan"), error))?;
            for item in answer.items() {
                sellers.push(read(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        sellers.sort_by(|left, right| left.seller_id.cmp(&right.seller_id));
        Ok(sellers)
    }

    /// One seller, if connected.
    pub async fn get(&self, seller: &SellerId) -> Result<Option<Seller>, StoreError> {
        let key = ItemBuilder::new().text("seller_id", seller.as_str()).take();
        let request = self.table.client.get_item().table_name(&self.table.name).consistent_read(true);
        let answer = request.set_key(Some(key)).send().await;
        let answer = answer.map_err(|error| StoreError::sdk(self.table.operation("GetItem"), error))?;
        answer.item.as_ref().map(read).transpose()
    }

    /// Forgets an account: nothing is done for it any more. What is booked stays.
    pub async fn remove(&self, seller: &SellerId) -> Result<(), StoreError> {
        let key = ItemBuilder::new().text("seller_id", seller.as_str()).take();
        let request = self.table.client.delete_item().table_name(&self.table.name).set_key(Some(key));
        let answer = request.send().await;
        answer.map(drop).map_err(|error| StoreError::sdk(self.table.operation("DeleteItem"), error))
    }

    /// Connects a seller, or changes what is known of one.
    pub async fn put(&self, seller: &Seller) -> Result<(), StoreError> {
        self.table.put(write(seller)).await
    }
}

fn write(seller: &Seller) -> Item {
    let flows = ItemBuilder::new()
        .flag("vat", seller.flows.vat)
        .flag("settlements", seller.flows.settlements)
        .flag("vendor", seller.flows.vendor)
        .flag("purchases", seller.flows.purchases)
        .flag("invoicing", seller.flows.invoicing)
        .take();
    ItemBuilder::new()
        .text("seller_id", seller.seller_id.as_str())
        .text("name", seller.name.as_str())
        .text("region", seller.region.code())
        .texts("marketplace_ids", &seller.marketplace_ids)
        .text("secret_name", seller.secret_name.as_str())
        .time("connected_at", seller.connected_at)
        .map("flows", flows)
        .take()
}

fn read(item: &Item) -> Result<Seller, StoreError> {
    let fields = Fields::of(item, KEYS);
    let flows = fields.map("flows")?.ok_or_else(|| fields.fault("flows", "a map"))?;
    let flows = Fields::of(flows, KEYS);
    let flow = |name| flows.flag(name).map_err(|_other| fields.fault("flows", "a map of true and false"));
    Ok(Seller {
        seller_id: fields.parse("seller_id", "a seller id")?,
        name: fields.text_if("name")?.unwrap_or_default().to_owned(),
        region: fields.parse("region", "na, eu or fe")?,
        marketplace_ids: fields.ids("marketplace_ids")?,
        secret_name: fields.text("secret_name")?.to_owned(),
        connected_at: fields.time("connected_at")?,
        flows: Flows {
            vat: flow("vat")?,
            settlements: flow("settlements")?,
            vendor: flow("vendor")?,
            purchases: flow("purchases")?,
            invoicing: flow("invoicing")?,
        },
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::plain;

    pub(crate) fn seller() -> Seller {
        Seller {
            seller_id: "A3TH9S8BH6GOGM".parse().unwrap(),
            name: "Example GmbH".to_owned(),
            region: Region::Eu,
            marketplace_ids: vec!["A1PA6795UKMFR9".parse().unwrap(), "A13V1IB3VIYZZH".parse().unwrap()],
            secret_name: "countinghouse/A3TH9S8BH6GOGM".to_owned(),
            connected_at: "2026-11-01T08:30:00Z".parse().unwrap(),
            flows: Flows { vat: true, settlements: true, ..Flows::default() },
        }
    }

    #[test]
    fn a_seller_is_an_item_that_a_person_can_read() {
        insta::assert_json_snapshot!(plain(&write(&seller())));
    }

    #[test]
    fn a_seller_reads_as_it_was_written() {
        assert_eq!(read(&write(&seller())).unwrap(), seller());
    }

    #[test]
    fn a_seller_with_an_unknown_region_is_named_in_the_error() {
        let mut item = write(&seller());
        item.insert("region".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S("mars".to_owned()));
        let message = read(&item).unwrap_err().to_string();
        assert_eq!(message, "A3TH9S8BH6GOGM / Example GmbH: attribute `region` is not na, eu or fe");
    }
}
