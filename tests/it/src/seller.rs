//! A seller of one case: known to Amazon, and connected as `countinghouse connect` does it.

use std::sync::atomic::{AtomicU32, Ordering};

use countinghouse_domain::time::SystemClock;
use countinghouse_store::{
    ApplicationCredentials, Flows, Secrets, Sellers, account_secret_name, application_secret_name,
};
use fake_amazon::{
    CallRecord, Content, Fault, ForeignNotification, Operation, Region, Secret, SellerConfig, SettlementConfig, VatRows,
};
use serde_json::{Value, json};

use crate::stack::Stack;

/// A connected seller. Each case has its own, so that cases do not see each other.
#[derive(Clone, Debug)]
pub struct Seller {
    /// Amazon's id.
    pub id: String,
    /// Where the seller sells.
    pub region: Region,
    number: u32,
}

static NUMBER: AtomicU32 = AtomicU32::new(1);

impl Seller {
    /// A seller in Europe.
    pub async fn european(stack: &Stack) -> Self {
        Self::connect(stack, Region::Eu, &["A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4"]).await
    }

    /// A seller in the United States.
    pub async fn american(stack: &Stack) -> Self {
        Self::connect(stack, Region::Na, &["ATVPDKIKX0DER"]).await
    }

    /// A seller in Europe with this id.
    pub async fn named(stack: &Stack, id: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { id: id.to_owned(), region: Region::Eu, number }.connected(stack, &["A1PA6795UKMFR9"]).await
    }

    /// A seller in Europe who has authorised an application of its own, whose secret all its accounts share.
    pub async fn of_application(stack: &Stack, application: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let seller = Self { id: format!("A{number:03}TESTSELLER"), region: Region::Eu, number };
        let refresh_token = format!("Atzr|test-{number}");
        let config = SellerConfig {
            client_id: client_id(application),
            client_secret: Secret::new(first_secret(application)),
            ..seller.config(&refresh_token, &["A1PA6795UKMFR9"])
        };
        stack.amazon.add_seller(config).unwrap();
        let client = aws_sdk_secretsmanager::Client::new(&stack.aws);
        let secrets = Secrets::new(client, std::sync::Arc::new(SystemClock));
        let application_secret = application_secret_name(application);
        let credentials = ApplicationCredentials::new(client_id(application), first_secret(application).into());
        secrets.put_application(&application_secret, &credentials).await.unwrap();
        let secret_name = account_secret_name(&seller.id.parse().unwrap());
        secrets.put_account(&secret_name, &application_secret, &refresh_token.into()).await.unwrap();
        seller.put(stack, &["A1PA6795UKMFR9"], secret_name).await;
        seller
    }

    fn config(&self, refresh_token: &str, marketplaces: &[&str]) -> SellerConfig {
        SellerConfig {
            seller_id: self.id.clone(),
            refresh_token: Secret::new(refresh_token),
            region: self.region,
            marketplace_ids: marketplaces.iter().map(ToString::to_string).collect(),
            store_name: format!("Test shop {}", self.number),
            ..SellerConfig::example_eu()
        }
    }

    async fn connect(stack: &Stack, region: Region, marketplaces: &[&str]) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { id: format!("A{number:03}TESTSELLER"), region, number }.connected(stack, marketplaces).await
    }

    async fn connected(self, stack: &Stack, marketplaces: &[&str]) -> Self {
        let refresh_token = format!("Atzr|test-{}", self.number);
        stack.amazon.add_seller(self.config(&refresh_token, marketplaces)).unwrap();
        let example = SellerConfig::example_eu();
        let secret = json!({
            "client_id": example.client_id, "client_secret": example.client_secret.expose(), "refresh_token": refresh_token,
        });
        let secret_name = format!("countinghouse/{}", self.id);
        let secrets = aws_sdk_secretsmanager::Client::new(&stack.aws);
        secrets.create_secret().name(&secret_name).secret_string(secret.to_string()).send().await.unwrap();
        self.put(stack, marketplaces, secret_name).await;
        self
    }

    /// Puts the seller into the table of those that are connected.
    async fn put(&self, stack: &Stack, marketplaces: &[&str], secret_name: String) {
        let item = countinghouse_store::Seller {
            seller_id: self.id.parse().unwrap(),
            name: format!("Test shop {}", self.number),
            region: self.region.as_str().parse().unwrap(),
            marketplace_ids: marketplaces.iter().map(|id| id.parse().unwrap()).collect(),
            secret_name,
            connected_at: "2026-11-01T08:30:00Z".parse().unwrap(),
            flows: Flows { vat: self.region == Region::Eu, settlements: true, ..Flows::default() },
        };
        let table = stack.output("SellersTableName");
        Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), table).put(&item).await.unwrap();
    }

    /// A settlement id that no other case has, made from the one of a file.
    pub fn own(&self, settlement_id: &str) -> String {
        format!("{}{:03}", &settlement_id[..settlement_id.len() - 3], self.number)
    }

    /// A settlement report with an id of this seller's own.
    pub fn own_settlement(&self, text: &str) -> String {
        let id = settlement_id(text);
        text.replace(id, &self.own(id))
    }

    /// Amazon closes a settlement. Answers the report's id.
    pub fn close(&self, stack: &Stack, text: &str) -> String {
        self.close_content(stack, Content::text(text))
    }

    /// Amazon closes a settlement whose document is anything.
    pub fn close_content(&self, stack: &Stack, content: Content) -> String {
        stack.amazon.close_settlement(&self.id, SettlementConfig::closed(content)).unwrap()
    }

    /// Amazon learns of rows of the VAT report.
    pub fn add_vat_rows(&self, stack: &Stack, csv: &str) {
        let rows = VatRows { content: Content::text(csv), ..VatRows::default() };
        stack.amazon.add_vat_rows(&self.id, &rows).unwrap();
    }

    /// What Amazon knows of a report of this seller, for example its document.
    pub fn report_at_amazon(&self, stack: &Stack, report_id: &str) -> Value {
        let reports = stack.amazon.reports(Some(&self.id));
        let report = reports.into_iter().find(|report| report["reportId"] == report_id);
        report.unwrap_or_else(|| panic!("Amazon has no report {report_id} of {}", self.id))
    }

    /// Amazon notifies of a report that is done, so many times.
    pub async fn notify(&self, stack: &Stack, report_id: &str, copies: usize) {
        let report = self.report_at_amazon(stack, report_id);
        let text = |name: &str| report[name].as_str().unwrap().to_owned();
        let notification = ForeignNotification {
            seller_id: Some(self.id.clone()),
            report_id: report_id.to_owned(),
            report_type: text("reportType"),
            processing_status: text("processingStatus"),
            report_document_id: report["reportDocumentId"].as_str().map(str::to_owned),
            copies,
            after_ms: 0,
        };
        stack.amazon.send_notification(&notification).await;
    }

    /// How many calls of an operation were made for this seller.
    pub fn calls(&self, stack: &Stack, operation: Operation) -> usize {
        let mine = |call: &CallRecord| call.operation == operation && call.seller_id.as_deref() == Some(&self.id);
        stack.amazon.calls().iter().filter(|call| mine(call)).count()
    }

    /// The next calls of an operation go wrong for this seller.
    pub fn fault(&self, stack: &Stack, fault: Fault) {
        stack.amazon.add_fault(fault.for_seller(&self.id)).unwrap();
    }

    /// The seller is no longer polled: later cases are quicker.
    pub async fn disconnect(&self, stack: &Stack) {
        let client = aws_sdk_dynamodb::Client::new(&stack.aws);
        let key = aws_sdk_dynamodb::types::AttributeValue::S(self.id.clone());
        client.delete_item().table_name(stack.output("SellersTableName")).key("seller_id", key).send().await.unwrap();
    }
}

/// The client id of an application of a case.
pub fn client_id(application: &str) -> String {
    format!("amzn1.application-oa2-client.{}", application.replace('-', ""))
}

/// The client secret that an application of a case begins with.
pub fn first_secret(application: &str) -> String {
    format!("amzn1.oa2-cs.v1.first-of-{application}")
}

/// The id of the settlement that a flat file reports.
pub fn settlement_id(text: &str) -> &str {
    text.lines().nth(1).and_then(|summary| summary.split('\t').next()).expect("a settlement report has a summary row")
}
