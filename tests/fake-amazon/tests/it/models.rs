//! Every answer against the response schemas of the official models, if those are here.

use std::collections::BTreeSet;

use fake_amazon::{ApplicationConfig, Content, Fault, FaultKind, Operation, RateSettings, VendorOutcome};
use serde_json::{Value, json};

use crate::feeds::{DOCUMENTS, FEEDS, invoice, with_documents};
use crate::support::{Answer, Client, DE, EU, VAT, official, vat_request};
use crate::vendor::{DIRECT, RETAIL, VENDOR, direct, retail, with_vendor};

/// The older version of an API whose newer one is here too.
const V1: &str = "vendorDirectFulfillmentTransactionsV1";

/// The models of the APIs that the server has.
struct Models(Vec<Value>);

impl Models {
    fn load() -> Option<Self> {
        let names = [
            "reports_2021-06-30",
            "tokens_2021-03-01",
            "notifications",
            "sellers",
            "vendorInvoices",
            "vendorTransactionStatus",
            "vendorDirectFulfillmentPaymentsV1",
            "vendorDirectFulfillmentTransactions_2021-12-28",
            V1,
            "feeds_2021-06-30",
            "application_2023-11-30",
        ];
        let read = |name: &str| {
            let mut text = std::fs::read_to_string(official(&format!("sp-api/{name}.json"))?).unwrap();
            if name == V1 {
                // Two versions have an operation of the same name.
                text = text.replace("\"getTransactionStatus\"", "\"getTransactionStatusV1\"");
            }
            Some(serde_json::from_str(&text).unwrap())
        };
        names.into_iter().map(read).collect::<Option<_>>().map(Self)
    }

    fn operations(&self) -> impl Iterator<Item = (&str, &Value, &Value)> {
        self.0.iter().flat_map(|model| {
            let paths = model["paths"].as_object().unwrap().values();
            let operations = paths.flat_map(|path| path.as_object().unwrap().values());
            operations.filter_map(move |one| Some((one.get("operationId")?.as_str()?, one, model)))
        })
    }

    /// Checks one answer: its status is foreseen, its body has the schema.
    fn check(&self, operation: &str, answer: &Answer) {
        let (_, found, model) = self.operations().find(|(name, ..)| *name == operation).unwrap();
        let response = &found["responses"][answer.status.to_string()];
        assert!(response.is_object(), "{operation} has no status {}: {}", answer.status, answer.text());
        assert!(answer.header("x-amzn-requestid").is_some(), "{operation}");
        let tells_rate = matches!(answer.status, 200..=209 | 400 | 404);
        assert_eq!(answer.header("x-amzn-ratelimit-limit").is_some(), tells_rate, "{operation} {}", answer.status);
        let Some(schema) = response.get("schema") else {
            assert_eq!(answer.bytes.len(), 0, "{operation}");
            return;
        };
        let mut schema = closed(schema.clone());
        schema["definitions"] = closed(model["definitions"].clone());
        let validator = jsonschema::draft4::options().should_validate_formats(true).build(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&answer.json()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{operation} {}: {errors:?} in {}", answer.status, answer.text());
    }
}

/// The schema with every object closed, so that a misspelt field does not pass unseen.
fn closed(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        for value in object.values_mut() {
            *value = closed(value.take());
        }
        if object.get("properties").is_some_and(Value::is_object) && !object.contains_key("additionalProperties") {
            object.insert("additionalProperties".to_owned(), json!(false));
        }
    } else if let Some(array) = schema.as_array_mut() {
        for value in array {
            *value = closed(value.take());
        }
    }
    schema
}

/// A client whose every answer is checked.
struct Checked {
    client: Client,
    models: Models,
    seen: BTreeSet<String>,
}

impl Checked {
    async fn call(
        &mut self,
        (operation, status): (&str, u16),
        token: &str,
        (method, path): (&str, &str),
        body: Option<Value>,
    ) -> Value {
        let answer = self.client.call(token, method, path, body.as_ref()).await;
        assert_eq!(answer.status, status, "{operation}: {}", answer.text());
        self.models.check(operation, &answer);
        self.seen.insert(operation.to_owned());
        answer.json()
    }
}

fn text<'v>(body: &'v Value, pointer: &str) -> &'v str {
    body.pointer(pointer).and_then(Value::as_str).unwrap()
}

#[tokio::test]
async fn every_operation_answers_as_the_official_models_say() {
    let Some(models) = Models::load() else { return };
    let mut settings = with_vendor();
    settings.sellers[0].vidr_rows = with_documents().sellers[0].vidr_rows.clone();
    settings.feeds.pace_ms = 0;
    settings.rates = RateSettings { scale: 1_000.0, ..RateSettings::default() };
    let client = Client::start(settings).await;
    let (seller, application) = (client.token(EU).await, client.grantless_token().await);
    let mut checked = Checked { client, models, seen: BTreeSet::new() };
    reports(&mut checked, &seller).await;
    schedules(&mut checked, &seller).await;
    notifications(&mut checked, &seller, &application).await;
    vendors(&mut checked).await;
    feeds(&mut checked, &seller).await;
    applications(&mut checked).await;
    let account = ("GET", "/sellers/v1/account");
    checked.call(("getAccount", 200), &seller, account, None).await;
    let path = "/sellers/v1/marketplaceParticipations";
    checked.call(("getMarketplaceParticipations", 200), &seller, ("GET", path), None).await;
    checked.call(("getAccount", 403), "made-up", account, None).await;
    for (kind, status) in [(FaultKind::Throttled, 429), (FaultKind::InternalError, 500), (FaultKind::Unavailable, 503)]
    {
        checked.client.server.add_fault(Fault::next(Operation::GetAccount, kind)).unwrap();
        checked.call(("getAccount", status), &seller, account, None).await;
    }
    let all: BTreeSet<_> = checked.models.operations().map(|(name, ..)| name.to_owned()).collect();
    assert_eq!(checked.seen, all, "every operation of the models was called");
}

async fn applications(checked: &mut Checked) {
    let client_id = "amzn1.application-oa2-client.example";
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "sellingpartnerapi::client_credential:rotation"),
        ("client_id", client_id),
        ("client_secret", "amzn1.oa2-cs.v1.example"),
    ];
    let answer = checked.client.token_answer(&form).await.json();
    let token = text(&answer, "/access_token");
    let rotate = ("POST", "/applications/2023-11-30/clientSecret");
    checked.call(("rotateApplicationClientSecret", 400), token, rotate, None).await;
    checked.call(("rotateApplicationClientSecret", 403), "made-up", rotate, None).await;
    checked.client.server.set_application(ApplicationConfig {
        client_id: client_id.to_owned(),
        rotation_queue_arn: Some("arn:aws:sqs:eu-west-1:000000000000:q".to_owned()),
        ..ApplicationConfig::default()
    });
    // Never two at once.
    checked.client.server.advance_ms(1_000).await;
    checked.call(("rotateApplicationClientSecret", 204), token, rotate, None).await;
}

async fn reports(checked: &mut Checked, seller: &str) {
    let path = "/reports/2021-06-30/reports";
    let window = || vat_request("2026-11-01T00:00:00Z", "2026-11-22T00:00:00Z");
    let created = checked.call(("createReport", 202), seller, ("POST", path), Some(window())).await;
    let one = format!("{path}/{}", text(&created, "/reportId"));
    let second = checked.call(("createReport", 202), seller, ("POST", path), Some(window())).await;
    checked.call(("createReport", 400), seller, ("POST", path), Some(json!({}))).await;
    checked.call(("getReport", 200), seller, ("GET", &one), None).await;
    checked.call(("getReport", 404), seller, ("GET", &format!("{path}/1")), None).await;
    let cancel = format!("{path}/{}", text(&second, "/reportId"));
    checked.call(("cancelReport", 200), seller, ("DELETE", &cancel), None).await;
    checked.call(("cancelReport", 400), seller, ("DELETE", &cancel), None).await;
    checked.client.server.advance_ms(3_000).await;
    let report = checked.call(("getReport", 200), seller, ("GET", &one), None).await;
    let list = format!("{path}?reportTypes={VAT}&pageSize=1");
    let page = checked.call(("getReports", 200), seller, ("GET", &list), None).await;
    let next = format!("{path}?nextToken={}", text(&page, "/nextToken"));
    checked.call(("getReports", 200), seller, ("GET", &next), None).await;
    checked.call(("getReports", 400), seller, ("GET", path), None).await;
    let document = format!("/reports/2021-06-30/documents/{}", text(&report, "/reportDocumentId"));
    checked.call(("getReportDocument", 403), seller, ("GET", &document), None).await;
    checked.call(("getReportDocument", 404), seller, ("GET", "/reports/2021-06-30/documents/1"), None).await;
    let tokens = "/tokens/2021-03-01/restrictedDataToken";
    let resources = json!({"restrictedResources": [{"method": "GET", "path": document}]});
    let answer = checked.call(("createRestrictedDataToken", 200), seller, ("POST", tokens), Some(resources)).await;
    checked.call(("createRestrictedDataToken", 400), seller, ("POST", tokens), Some(json!({}))).await;
    let restricted = text(&answer, "/restrictedDataToken");
    checked.call(("getReportDocument", 200), restricted, ("GET", &document), None).await;
    let (_, plain) = checked.client.settled(seller, Content::text("x").uncompressed()).await;
    let document = format!("/reports/2021-06-30/documents/{plain}");
    checked.call(("getReportDocument", 200), seller, ("GET", &document), None).await;
}

async fn schedules(checked: &mut Checked, seller: &str) {
    let path = "/reports/2021-06-30/schedules";
    let wish = json!({"reportType": VAT, "marketplaceIds": [DE], "period": "P1D", "reportOptions": {"a": "b"}});
    let created = checked.call(("createReportSchedule", 201), seller, ("POST", path), Some(wish)).await;
    checked.call(("createReportSchedule", 400), seller, ("POST", path), Some(json!({}))).await;
    let one = format!("{path}/{}", text(&created, "/reportScheduleId"));
    checked.call(("getReportSchedule", 200), seller, ("GET", &one), None).await;
    checked.call(("getReportSchedules", 200), seller, ("GET", &format!("{path}?reportTypes={VAT}")), None).await;
    checked.call(("getReportSchedules", 400), seller, ("GET", path), None).await;
    checked.call(("cancelReportSchedule", 200), seller, ("DELETE", &one), None).await;
    checked.call(("cancelReportSchedule", 404), seller, ("DELETE", &one), None).await;
}

async fn notifications(checked: &mut Checked, seller: &str, application: &str) {
    let path = "/notifications/v1/destinations";
    let wish = |specification: Value| Some(json!({"name": "d", "resourceSpecification": specification}));
    let queue = json!({"sqs": {"arn": "arn:aws:sqs:eu-west-1:000000000000:q"}});
    let bus = json!({"eventBridge": {"region": "eu-west-1", "accountId": "000000000000"}});
    let created = checked.call(("createDestination", 200), application, ("POST", path), wish(queue.clone())).await;
    checked.call(("createDestination", 409), application, ("POST", path), wish(queue)).await;
    checked.call(("createDestination", 200), application, ("POST", path), wish(bus)).await;
    checked.call(("createDestination", 400), application, ("POST", path), wish(json!({}))).await;
    checked.call(("getDestinations", 200), application, ("GET", path), None).await;
    let destination_id = text(&created, "/payload/destinationId");
    let destination = format!("{path}/{destination_id}");
    checked.call(("getDestination", 200), application, ("GET", &destination), None).await;
    let path = "/notifications/v1/subscriptions";
    let one = format!("{path}/REPORT_PROCESSING_FINISHED");
    let wish = || Some(json!({"payloadVersion": "1.0", "destinationId": destination_id}));
    let created = checked.call(("createSubscription", 200), seller, ("POST", &one), wish()).await;
    checked.call(("createSubscription", 409), seller, ("POST", &one), wish()).await;
    checked.call(("getSubscription", 200), seller, ("GET", &one), None).await;
    checked.call(("getSubscription", 404), seller, ("GET", &format!("{path}/OTHER")), None).await;
    let query = format!("{path}?notificationTypes=REPORT_PROCESSING_FINISHED");
    checked.call(("getSubscriptions", 200), seller, ("GET", &query), None).await;
    let test = Some(json!({"destinationId": destination_id, "testNotification": {"payloadVersion": "1.0"}}));
    let path = format!("{one}/testNotification");
    checked.call(("sendTestNotification", 200), application, ("POST", &path), test).await;
    let by_id = format!("{one}/{}", text(&created, "/payload/subscriptionId"));
    checked.call(("getSubscriptionById", 200), application, ("GET", &by_id), None).await;
    checked.call(("deleteSubscriptionById", 200), application, ("DELETE", &by_id), None).await;
    checked.call(("getSubscriptionById", 404), application, ("GET", &by_id), None).await;
    checked.call(("deleteDestination", 200), application, ("DELETE", &destination), None).await;
    checked.call(("getDestination", 404), application, ("GET", &destination), None).await;
}

async fn vendors(checked: &mut Checked) {
    let vendor = &checked.client.token(VENDOR).await;
    let fails = VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID.").after_ms(0);
    checked.client.server.set_vendor_outcome(VENDOR, Some("INV-2"), fails).unwrap();
    let base = "/vendor/transactions/v1/transactions";
    for id in ["INV-1", "INV-2"] {
        let taken = checked.call(("submitInvoices", 202), vendor, ("POST", RETAIL), Some(retail(id))).await;
        let one = format!("{base}/{}", text(&taken, "/payload/transactionId"));
        checked.call(("getTransaction", 200), vendor, ("GET", &one), None).await;
    }
    checked.call(("submitInvoices", 400), vendor, ("POST", RETAIL), Some(json!({}))).await;
    checked.call(("getTransaction", 400), vendor, ("GET", &format!("{base}/1")), None).await;
    let base = "/vendor/directFulfillment/transactions";
    for id in ["INV-1", "INV-2"] {
        let taken = checked.call(("submitInvoice", 202), vendor, ("POST", DIRECT), Some(direct(id))).await;
        let id = text(&taken, "/payload/transactionId");
        let one = format!("{base}/2021-12-28/transactions/{id}");
        checked.call(("getTransactionStatus", 200), vendor, ("GET", &one), None).await;
        let one = format!("{base}/v1/transactions/{id}");
        checked.call(("getTransactionStatusV1", 200), vendor, ("GET", &one), None).await;
    }
    checked.call(("submitInvoice", 400), vendor, ("POST", DIRECT), Some(json!({}))).await;
    let unknown = |version: &str| format!("{base}/{version}/transactions/1");
    checked.call(("getTransactionStatus", 400), vendor, ("GET", &unknown("2021-12-28")), None).await;
    checked.call(("getTransactionStatusV1", 400), vendor, ("GET", &unknown("v1")), None).await;
    let seller = &checked.client.token(EU).await;
    checked.call(("submitInvoices", 403), seller, ("POST", RETAIL), Some(retail("INV-3"))).await;
    checked.call(("submitInvoice", 403), seller, ("POST", DIRECT), Some(direct("INV-3"))).await;
    let wrong = FaultKind::InternalErrorAfter;
    checked.client.server.add_fault(Fault::next(Operation::SubmitInvoice, wrong)).unwrap();
    checked.call(("submitInvoice", 500), vendor, ("POST", DIRECT), Some(direct("INV-4"))).await;
}

async fn feeds(checked: &mut Checked, seller: &str) {
    let wish = || Some(json!({"contentType": "application/pdf"}));
    let made = checked.call(("createFeedDocument", 201), seller, ("POST", DOCUMENTS), wish()).await;
    checked.call(("createFeedDocument", 400), seller, ("POST", DOCUMENTS), Some(json!({}))).await;
    let feed = |number: &str| {
        Some(json!({"feedType": "UPLOAD_VAT_INVOICE", "marketplaceIds": [DE], "feedOptions": invoice(number),
            "inputFeedDocumentId": text(&made, "/feedDocumentId")}))
    };
    let path = |created: &Value| format!("{FEEDS}/{}", text(created, "/feedId"));
    let first = path(&checked.call(("createFeed", 202), seller, ("POST", FEEDS), feed("INV-1")).await);
    let second = path(&checked.call(("createFeed", 202), seller, ("POST", FEEDS), feed("INV-2")).await);
    checked.call(("createFeed", 400), seller, ("POST", FEEDS), Some(json!({}))).await;
    checked.call(("getFeed", 200), seller, ("GET", &first), None).await;
    checked.call(("getFeed", 404), seller, ("GET", &format!("{FEEDS}/1")), None).await;
    checked.call(("cancelFeed", 200), seller, ("DELETE", &second), None).await;
    checked.call(("cancelFeed", 400), seller, ("DELETE", &second), None).await;
    checked.client.server.advance_ms(3_000).await;
    let done = checked.call(("getFeed", 200), seller, ("GET", &first), None).await;
    let document = format!("{DOCUMENTS}/{}", text(&done, "/resultFeedDocumentId"));
    checked.call(("getFeedDocument", 200), seller, ("GET", &document), None).await;
    checked.call(("getFeedDocument", 404), seller, ("GET", &format!("{DOCUMENTS}/1")), None).await;
    let list = format!("{FEEDS}?feedTypes=UPLOAD_VAT_INVOICE&pageSize=1&processingStatuses=DONE,CANCELLED");
    let page = checked.call(("getFeeds", 200), seller, ("GET", &list), None).await;
    let next = format!("{FEEDS}?nextToken={}", text(&page, "/nextToken"));
    let rest = checked.call(("getFeeds", 200), seller, ("GET", &next), None).await;
    assert!(rest.get("nextToken").is_none());
    checked.call(("getFeeds", 400), seller, ("GET", FEEDS), None).await;
}
