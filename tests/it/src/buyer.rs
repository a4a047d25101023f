//! A buyer on Amazon Business: known to Amazon, and connected for purchases.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::Client;
use countinghouse_store::{Flows, Purchases, Sellers};
use fake_amazon::{CallRecord, Fault, Operation, PurchasesTruth, Region, Secret, SellerConfig};
use serde_json::{Value, json};

use crate::stack::Stack;

/// A connected buyer. Each case has its own, so that cases do not see each other.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// The name that the deployer has chosen.
    pub id: String,
    /// Where the company buys.
    pub region: Region,
}

static NUMBER: AtomicU32 = AtomicU32::new(1);

impl Buyer {
    /// A buyer in a region.
    pub async fn connect(stack: &Stack, region: Region) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self::named(stack, &format!("BUYER-{number:03}"), region).await
    }

    /// A buyer with this id.
    pub async fn named(stack: &Stack, id: &str, region: Region) -> Self {
        let refresh_token = format!("Atzr|{id}");
        let example = SellerConfig::example_buyer();
        let secret = json!({
            "client_id": example.client_id, "client_secret": example.client_secret.expose(), "refresh_token": refresh_token,
        });
        let known = SellerConfig {
            seller_id: id.to_owned(),
            refresh_token: Secret::new(refresh_token.as_str()),
            region,
            ..example
        };
        stack.amazon.add_seller(known).unwrap();
        let secret_name = format!("countinghouse/{id}");
        let secrets = aws_sdk_secretsmanager::Client::new(&stack.aws);
        secrets.create_secret().name(&secret_name).secret_string(secret.to_string()).send().await.unwrap();
        let item = countinghouse_store::Seller {
            seller_id: id.parse().unwrap(),
            name: format!("Test company {id}"),
            region: region.as_str().parse().unwrap(),
            marketplace_ids: Vec::new(),
            secret_name,
            connected_at: "2026-11-01T08:30:00Z".parse().unwrap(),
            flows: Flows { purchases: true, ..Flows::default() },
        };
        Sellers::new(Client::new(&stack.aws), stack.output("SellersTableName")).put(&item).await.unwrap();
        Self { id: id.to_owned(), region }
    }

    /// Amazon learns of purchases that are made up.
    pub fn buys(&self, stack: &Stack, purchases: &fake_amazon::Purchases) -> PurchasesTruth {
        stack.amazon.generate_purchases(&self.id, purchases).unwrap()
    }

    /// Amazon learns of a transaction, word for word.
    pub fn buys_exactly(&self, stack: &Stack, transaction: Value) {
        let added = fake_amazon::AddedTransaction { transaction, appears_after_ms: 0 };
        stack.amazon.add_transaction(&self.id, added).unwrap();
    }

    /// How many calls of an operation were made for this buyer.
    pub fn calls(&self, stack: &Stack, operation: Operation) -> usize {
        let mine = |call: &CallRecord| call.operation == operation && call.seller_id.as_deref() == Some(&self.id);
        stack.amazon.calls().iter().filter(|call| mine(call)).count()
    }

    /// The next calls of an operation go wrong for this buyer.
    pub fn fault(&self, stack: &Stack, fault: Fault) {
        stack.amazon.add_fault(fault.for_seller(&self.id)).unwrap();
    }

    /// The buyer's items in the table of purchases, in the order of their keys.
    pub async fn items(&self, stack: &Stack) -> Vec<Value> {
        let mut items = stack.items("PurchasesTableName").await;
        items.retain(|item| item["account"] == self.id.as_str());
        items.sort_by_key(|item| (item["purchase"].to_string(), item["part"].to_string()));
        items
    }
}

impl Stack {
    /// The table of purchases.
    pub fn purchases(&self) -> Purchases {
        Purchases::new(Client::new(&self.aws), self.output("PurchasesTableName"), 3_653)
    }
}
