//! A vendor of one case: known to Amazon, and connected for vendor invoices.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_s3::primitives::ByteStream;
use countinghouse_domain::vendor::InvoiceStatus;
use countinghouse_store::{Flows, Sellers, StoredInvoice, VendorInvoices};
use fake_amazon::{CallRecord, Fault, Operation, Secret, SellerConfig, VendorConfig, VendorOutcome, VendorSubmission};
use serde_json::{Value, json};

use crate::stack::Stack;
use crate::wait;

/// A connected vendor. Each case has its own, so that cases do not see each other.
#[derive(Clone, Debug)]
pub struct Vendor {
    /// The account's name.
    pub id: String,
}

static NUMBER: AtomicU32 = AtomicU32::new(1);

/// A street that no log may show.
pub const STREET: &str = "Hushgasse 7";

impl Vendor {
    /// A vendor whose transactions end at once.
    pub async fn connect(stack: &Stack) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { id: format!("vendor-{number:03}") }.connected(stack, true).await
    }

    /// An account that is connected for other things.
    pub async fn without_the_flow(stack: &Stack) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { id: format!("vendor-{number:03}") }.connected(stack, false).await
    }

    async fn connected(self, stack: &Stack, flow: bool) -> Self {
        let refresh_token = format!("Atzr|{}", self.id);
        let example = SellerConfig::example_vendor();
        let secret = json!({
            "client_id": example.client_id, "client_secret": example.client_secret.expose(), "refresh_token": refresh_token,
        });
        let config = SellerConfig {
            seller_id: self.id.clone(),
            refresh_token: Secret::new(refresh_token.as_str()),
            vendor: VendorConfig { processing_ms: 0, ..VendorConfig::default() },
            ..example
        };
        stack.amazon.add_seller(config).unwrap();
        let secret_name = format!("countinghouse/{}", self.id);
        let secrets = aws_sdk_secretsmanager::Client::new(&stack.aws);
        secrets.create_secret().name(&secret_name).secret_string(secret.to_string()).send().await.unwrap();
        let item = countinghouse_store::Seller {
            seller_id: self.id.parse().unwrap(),
            name: "Test supplier".to_owned(),
            region: "eu".parse().unwrap(),
            marketplace_ids: Vec::new(),
            secret_name,
            connected_at: "2026-11-01T08:30:00Z".parse().unwrap(),
            flows: Flows { vendor: flow, ..Flows::default() },
        };
        let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"));
        sellers.put(&item).await.unwrap();
        self
    }

    /// Puts a file into a folder of this vendor, for example `incoming`. Answers its key.
    pub async fn put(&self, stack: &Stack, folder: &str, name: &str, body: impl Into<Vec<u8>>) -> String {
        let key = format!("vendor-invoices/{}/{folder}/{name}", self.id);
        let request = aws_sdk_s3::Client::new(&stack.aws).put_object().bucket(stack.output("ReportsBucketName"));
        request.key(&key).body(ByteStream::from(body.into())).send().await.unwrap();
        key
    }

    /// One invoice as it stands.
    pub async fn invoice(&self, stack: &Stack, invoice_id: &str) -> Option<StoredInvoice> {
        stack.vendor_invoices().get(&self.id.parse().unwrap(), invoice_id).await.unwrap()
    }

    /// Waits until an invoice stands somewhere.
    pub async fn until(&self, stack: &Stack, invoice_id: &str, status: InvoiceStatus) -> StoredInvoice {
        let what = format!("invoice {invoice_id} of {} becomes {status}", self.id);
        wait::until(&what, async || self.invoice(stack, invoice_id).await.filter(|each| each.status == status)).await
    }

    /// Waits until Amazon has taken an invoice: a poll of another case may already have moved it on.
    pub async fn until_taken(&self, stack: &Stack, invoice_id: &str) -> StoredInvoice {
        let what = format!("invoice {invoice_id} of {} is taken", self.id);
        wait::until(&what, async || self.invoice(stack, invoice_id).await.filter(|each| each.transaction_id.is_some()))
            .await
    }

    /// The vendor's items by sort key, as plain JSON.
    pub async fn items(&self, stack: &Stack) -> Vec<Value> {
        let mut items = stack.items("VendorInvoicesTableName").await;
        items.retain(|item| item["vendor"] == self.id.as_str());
        items.sort_by_key(|item| item["invoice"].to_string());
        items
    }

    /// Every invoice that Amazon took in, as often as it came.
    pub fn sent(&self, stack: &Stack) -> Vec<VendorSubmission> {
        stack.amazon.vendor_submissions(Some(&self.id))
    }

    /// The numbers of the invoices that Amazon took in, as often as they came, sorted.
    pub fn sent_ids(&self, stack: &Stack) -> Vec<String> {
        let mut ids: Vec<_> = self.sent(stack).into_iter().map(|each| each.invoice_id).collect();
        ids.sort();
        ids
    }

    /// What Amazon will make of an invoice.
    pub fn will(&self, stack: &Stack, invoice_id: &str, outcome: VendorOutcome) {
        stack.amazon.set_vendor_outcome(&self.id, Some(invoice_id), outcome).unwrap();
    }

    /// The next calls of an operation go wrong for this vendor.
    pub fn fault(&self, stack: &Stack, fault: Fault) {
        stack.amazon.add_fault(fault.for_seller(&self.id)).unwrap();
    }

    /// How many calls of an operation were made for this vendor.
    pub fn calls(&self, stack: &Stack, operation: Operation) -> usize {
        let mine = |call: &CallRecord| call.operation == operation && call.seller_id.as_deref() == Some(&self.id);
        stack.amazon.calls().iter().filter(|call| mine(call)).count()
    }

    /// The vendor is no longer looked after: later cases are quicker.
    pub async fn disconnect(&self, stack: &Stack) {
        let key = aws_sdk_dynamodb::types::AttributeValue::S(self.id.clone());
        let client = aws_sdk_dynamodb::Client::new(&stack.aws);
        client.delete_item().table_name(stack.output("SellersTableName")).key("seller_id", key).send().await.unwrap();
    }
}

impl Stack {
    /// The table of vendor invoices.
    pub fn vendor_invoices(&self) -> VendorInvoices {
        VendorInvoices::new(aws_sdk_dynamodb::Client::new(&self.aws), self.output("VendorInvoicesTableName"))
    }

    /// The bytes of an object.
    pub async fn object(&self, key: &str) -> Vec<u8> {
        let request = aws_sdk_s3::Client::new(&self.aws).get_object().bucket(self.output("ReportsBucketName")).key(key);
        request.send().await.unwrap().body.collect().await.unwrap().to_vec()
    }
}

/// An invoice of retail procurement in North America: two items, `total` in all.
pub fn retail(invoice_id: &str) -> Value {
    let address = json!({"name": "Example Supplier", "addressLine1": STREET, "city": "Reno", "stateOrRegion": "NV",
                         "postalOrZipCode": "89501", "countryCode": "US"});
    let item = |number: u8, asin: &str, quantity: u8, cost: &str| {
        json!({"itemSequenceNumber": number, "amazonProductIdentifier": asin, "purchaseOrderNumber": "S8672793",
               "invoicedQuantity": {"amount": quantity, "unitOfMeasure": "Eaches"},
               "netCost": {"currencyCode": "USD", "amount": cost}})
    };
    json!({
        "invoiceType": "Invoice", "id": invoice_id, "date": "2026-11-20T10:00:00Z",
        "remitToParty": {"partyId": "SUPPL", "address": address},
        "shipToParty": {"partyId": "RNO4", "address": address},
        "billToParty": {"partyId": "AMAZON", "address": address},
        "invoiceTotal": {"currencyCode": "USD", "amount": "405.50"},
        "items": [item(1, "B00EXAMPL1", 2, "140.25"), item(2, "B00EXAMPL2", 5, "25")],
    })
}

/// An invoice of direct fulfillment in Germany: one item and its VAT.
pub fn direct(invoice_id: &str) -> Value {
    let address = json!({"name": "Beispiel GmbH", "addressLine1": STREET, "city": "Berlin", "stateOrRegion": "Berlin",
                         "postalCode": "10115", "countryCode": "DE"});
    let vat = |number: &str| json!([{"taxRegistrationType": "VAT", "taxRegistrationNumber": number}]);
    let tax = json!([{"taxType": "VAT", "taxRate": "0.19", "taxAmount": {"currencyCode": "EUR", "amount": "19.00"},
                      "taxableAmount": {"currencyCode": "EUR", "amount": "100.00"}}]);
    json!({
        "invoiceNumber": invoice_id, "invoiceDate": "2026-11-20T10:00:00Z",
        "remitToParty": {"partyId": "SUPPL", "address": address, "taxRegistrationDetails": vat("DE123456789")},
        "shipFromParty": {"partyId": "SUPPL", "address": address},
        "billToParty": {"partyId": "AMAZON", "address": address, "taxRegistrationDetails": vat("DE814584193")},
        "shipToCountryCode": "DE",
        "invoiceTotal": {"currencyCode": "EUR", "amount": "119.00"},
        "taxTotals": tax,
        "items": [{"itemSequenceNumber": "1", "buyerProductIdentifier": "B00EXAMPL1", "purchaseOrderNumber": "D3rC3KTx",
                   "invoicedQuantity": {"amount": 1, "unitOfMeasure": "Each"},
                   "netCost": {"currencyCode": "EUR", "amount": "100.00"}, "taxDetails": tax}],
    })
}

/// A file of invoices as Amazon's own request.
pub fn file(invoices: &[Value]) -> String {
    json!({"invoices": invoices}).to_string()
}
