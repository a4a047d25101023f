//! What lies in the tables, read the way the operator's command reads it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::job::JobState;
use countinghouse_store::{
    Documents, Item, Job, Jobs, Payment, Payments, Settlements, StoredDocument, StoredSettlement,
};
use serde_json::{Map, Value};

use crate::seller::Seller;
use crate::stack::Stack;
use crate::wait;

impl Stack {
    /// The table of jobs.
    pub fn jobs(&self) -> Jobs {
        Jobs::new(Client::new(&self.aws), self.output("JobsTableName"))
    }

    /// The table of settlements.
    pub fn settlements(&self) -> Settlements {
        Settlements::new(Client::new(&self.aws), self.output("SettlementsTableName"))
    }

    /// The table of payments.
    pub fn payments(&self) -> Payments {
        Payments::new(Client::new(&self.aws), self.output("PaymentsTableName"))
    }

    /// The table of invoices and credit notes.
    pub fn documents(&self) -> Documents {
        Documents::new(Client::new(&self.aws), self.output("DocumentsTableName"), 3_653)
    }

    /// One job.
    pub async fn job(&self, seller: &Seller, report_id: &str) -> Option<Job> {
        self.jobs().get(&seller.id.parse().unwrap(), &report_id.parse().unwrap()).await.unwrap()
    }

    /// All jobs of a seller.
    pub async fn jobs_of(&self, seller: &Seller) -> Vec<Job> {
        self.jobs().list(&seller.id.parse().unwrap(), 100).await.unwrap()
    }

    /// Waits until a report is in a state.
    pub async fn until_job(&self, seller: &Seller, report_id: &str, state: JobState) -> Job {
        let what = format!("report {report_id} of {} becomes {state}", seller.id);
        wait::until(&what, async || self.job(seller, report_id).await.filter(|job| job.state == state)).await
    }

    /// Waits until the seller's only VAT report is in a state.
    pub async fn until_vat_job(&self, seller: &Seller, state: JobState) -> Job {
        let what = format!("the VAT report of {} becomes {state}", seller.id);
        let is_it = |job: &Job| !matches!(job.report_type, countinghouse_domain::report::ReportType::Settlement(_));
        wait::until(&what, async || self.jobs_of(seller).await.into_iter().find(|job| is_it(job) && job.state == state))
            .await
    }

    /// A settlement as it is stored, if it is.
    pub async fn settlement(&self, seller: &Seller, id: &str) -> Option<StoredSettlement> {
        self.settlements().get(&seller.id.parse().unwrap(), &id.parse().unwrap()).await.unwrap()
    }

    /// Waits until a settlement has its completion marker.
    pub async fn until_settled(&self, seller: &Seller, id: &str) -> StoredSettlement {
        let what = format!("settlement {id} of {} is completed", seller.id);
        wait::until(&what, async || self.settlement(seller, id).await.filter(|each| each.proof.is_some())).await
    }

    /// The payments of a settlement in the order of its file, the derived one first.
    pub async fn payments_of(&self, settlement_id: &str) -> Vec<Payment> {
        self.payments().of_settlement(&settlement_id.parse().unwrap()).collect().await.unwrap()
    }

    /// The documents of an order, the earliest first.
    pub async fn documents_of_order(&self, seller: &Seller, order_id: &str) -> Vec<StoredDocument> {
        self.documents().of_order(&seller.id.parse().unwrap(), order_id).await.unwrap()
    }

    /// The payments of an order of this seller, in the order of time.
    pub async fn payments_of_order(&self, seller: &Seller, order_id: &str) -> Vec<Payment> {
        let mut payments = self.payments().of_order(order_id).await.unwrap();
        payments.retain(|payment| payment.seller.as_str() == seller.id);
        payments
    }

    /// The invoices and credit notes of a seller, by their key.
    pub async fn documents_of(&self, seller: &Seller) -> Vec<StoredDocument> {
        let of_seller = |item: &Value| item["part"] == "header" && item["seller"] == seller.id.as_str();
        let months: BTreeSet<String> = self
            .items("DocumentsTableName")
            .await
            .iter()
            .filter(|item| of_seller(item))
            .filter_map(|item| item["issued_on"].as_str())
            .map(|day| day[..7].to_owned())
            .collect();
        let mut documents = Vec::new();
        for month in months {
            documents.extend(self.documents().by_month(&seller.id.parse().unwrap(), &month).await.unwrap());
        }
        documents.sort_by(|left, right| left.document.key.cmp(&right.document.key));
        documents
    }

    /// Every item of a table, as plain JSON; amounts are texts.
    pub async fn items(&self, table: &str) -> Vec<Value> {
        let client = Client::new(&self.aws);
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let page =
                client.scan().table_name(self.output(table)).set_exclusive_start_key(start).send().await.unwrap();
            items.extend(page.items().iter().map(plain));
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }

    /// The items of a table that belong to a seller.
    pub async fn items_of(&self, table: &str, seller: &Seller) -> Vec<Value> {
        let of_seller = |item: &Value| ["seller", "seller_id"].iter().any(|name| item[*name] == seller.id.as_str());
        let mut items = self.items(table).await;
        items.retain(of_seller);
        items
    }
}

/// An item without DynamoDB's types.
pub fn plain(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect::<Map<_, _>>())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other kind of value is a mistake")]
fn plain_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => Value::String(text.clone()),
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::L(list) => Value::Array(list.iter().map(plain_value).collect()),
        AttributeValue::M(map) => plain(map),
        AttributeValue::B(bytes) => Value::String(format!("{} bytes", bytes.as_ref().len())),
        other => panic!("{other:?} is not written by this project"),
    }
}
