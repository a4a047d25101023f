//! Reports from their request to their last byte, at the Amazon that has a memory.

use std::sync::Arc;
use std::time::Duration;

use countinghouse_amazon::{
    Amazon, AmazonConfig, AmazonError, CredentialError, CredentialSource, Credentials, Endpoints, LocalBudget,
    ReportDocument, ReportsQuery, RetryPolicy, Seller,
};
use countinghouse_domain::ids::{ReportDocumentId, SellerId};
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::report::ReportType;
use countinghouse_domain::time::FixedClock;
use fake_amazon::{
    Content, FakeAmazon, Fault, FaultKind, Operation, Scenario, SellerConfig, SettlementConfig, VatRows,
};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;

use crate::scene::request;

const ROWS: &str = "Order ID,Shipment Date\n028-1,2026-11-15\n028-2,2026-11-16\n";

#[derive(Debug)]
struct Example;

impl CredentialSource for Example {
    fn credentials<'a>(&'a self, _: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>> {
        let config = SellerConfig::example_eu();
        let (client_secret, refresh_token) =
            (config.client_secret.expose().into(), config.refresh_token.expose().into());
        Box::pin(std::future::ready(Ok(Credentials { client_id: config.client_id, client_secret, refresh_token })))
    }
}

struct World {
    amazon: FakeAmazon,
    clock: Arc<FixedClock>,
    seller: Seller,
}

impl World {
    async fn new() -> Self {
        let now = "2026-11-22T04:00:00Z".parse().unwrap();
        let amazon = FakeAmazon::start(Scenario { frozen_at: Some(now), ..Scenario::two_sellers() }).await.unwrap();
        let clock = Arc::new(FixedClock::new(now));
        let pause = Duration::from_millis(1);
        let config = AmazonConfig {
            lwa_endpoint: amazon.token_url().parse().unwrap(),
            endpoints: Endpoints::all(&amazon.base_url().parse().unwrap()),
            retry: RetryPolicy { first_pause: pause, longest_pause: pause, ..RetryPolicy::default() },
            ..AmazonConfig::default()
        };
        let budget = Arc::new(LocalBudget::new(clock.clone()));
        let id = SellerConfig::example_eu().seller_id.parse().unwrap();
        let seller = Amazon::new(config, Arc::new(Example), budget, clock.clone()).seller(id, Region::Eu);
        Self { amazon, clock, seller }
    }

    async fn wait(&self, ms: i64) {
        self.clock.advance(SignedDuration::from_millis(ms));
        self.amazon.advance_ms(ms).await;
    }

    fn next(&self, operation: Operation, fault: FaultKind) {
        self.amazon.add_fault(Fault::next(operation, fault)).unwrap();
    }

    async fn settlement(&self, text: &str) -> ReportDocumentId {
        let content = Content::text(text).uncompressed();
        self.amazon.close_settlement(self.seller.id().as_str(), SettlementConfig::closed(content)).unwrap();
        let query = ReportsQuery::new(vec![ReportType::SETTLEMENT_V2]).unwrap();
        let found = self.seller.reports(&query.with_statuses(vec![ProcessingStatus::Done])).await.unwrap();
        found.reports[0].document.clone().unwrap()
    }

    async fn found(&self, id: &ReportDocumentId) -> ReportDocument {
        self.seller.report_document(id, ReportType::SETTLEMENT_V2).await.unwrap()
    }

    async fn bytes(&self, document: &ReportDocument) -> Result<Vec<u8>, AmazonError> {
        let mut download = self.seller.download(document).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = download.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

#[tokio::test]
async fn a_vat_report_goes_from_its_request_to_its_bytes() {
    let world = World::new().await;
    let rows = VatRows { content: Content::text(ROWS), available_after_ms: 0 };
    world.amazon.add_vat_rows(world.seller.id().as_str(), &rows).unwrap();
    let id = world.seller.create_report(&request()).await.unwrap();
    let report = world.seller.report(&id).await.unwrap();
    assert_eq!((report.status.known(), report.document), (Some(ProcessingStatus::InQueue), None));
    world.wait(3_000).await;
    let report = world.seller.report(&id).await.unwrap();
    assert_eq!(report.status.known(), Some(ProcessingStatus::Done));
    let document = report.document.unwrap();
    let document = world.seller.report_document(&document, ReportType::SC_VAT_TAX_REPORT).await.unwrap();
    assert_eq!(document.compression.name(), "gzip");
    assert_eq!(world.amazon.count(Operation::CreateRestrictedDataToken), 1);
    assert!(world.bytes(&document).await.unwrap().starts_with(b"\x1f\x8b"));
}

#[tokio::test]
async fn a_report_whose_answer_was_lost_is_found_by_asking() {
    let world = World::new().await;
    world.next(Operation::CreateReport, FaultKind::LostAnswer);
    let lost = world.seller.create_report(&request()).await.unwrap_err();
    assert!(matches!(lost, AmazonError::AnswerLost { .. }), "{lost:?}");
    assert_eq!(world.amazon.count(Operation::CreateReport), 1);
    let query = ReportsQuery::new(vec![ReportType::SC_VAT_TAX_REPORT]).unwrap();
    let listed = world.seller.reports(&query).await.unwrap();
    assert!(listed.reports.iter().any(|report| report.answers(&request())), "{listed:?}");
}

#[tokio::test]
async fn a_settlement_is_discovered_and_read_unchanged() {
    let world = World::new().await;
    let id = world.settlement("settlement-id\tamount\n1\t2,50\n").await;
    let document = world.found(&id).await;
    assert_eq!(document.compression.name(), "none");
    assert_eq!(world.bytes(&document).await.unwrap(), b"settlement-id\tamount\n1\t2,50\n");
}

#[tokio::test]
async fn more_settlements_than_a_page_holds_are_all_found() {
    let world = World::new().await;
    for number in 0..230 {
        let settlement = SettlementConfig::closed(Content::text(format!("settlement {number}")));
        world.amazon.close_settlement(world.seller.id().as_str(), settlement).unwrap();
    }
    let query = ReportsQuery::new(vec![ReportType::SETTLEMENT_V2]).unwrap();
    let all = world.seller.reports(&query.created_since("2026-01-01T00:00:00Z".parse().unwrap())).await.unwrap();
    assert_eq!((all.reports.len(), world.amazon.count(Operation::GetReports)), (230, 3));
}

#[tokio::test]
async fn an_address_that_expired_is_asked_for_again() {
    let world = World::new().await;
    let id = world.settlement("x").await;
    let document = world.found(&id).await;
    world.wait(300_001).await;
    assert!(matches!(world.bytes(&document).await, Err(AmazonError::LinkExpired)));
    assert_eq!(world.bytes(&world.found(&id).await).await.unwrap(), b"x");
}

#[tokio::test]
async fn a_document_that_was_cut_is_read_from_the_start_at_a_new_address() {
    let world = World::new().await;
    let text = "0123456789".repeat(10_000);
    let id = world.settlement(&text).await;
    world.next(Operation::DownloadDocument, FaultKind::Cut { after_bytes: 5_000, expire_url: true });
    let document = world.found(&id).await;
    let cut = world.bytes(&document).await.unwrap_err();
    assert!(matches!(cut, AmazonError::Interrupted { .. }), "{cut:?}");
    assert!(matches!(world.bytes(&document).await, Err(AmazonError::LinkExpired)));
    assert_eq!(world.bytes(&world.found(&id).await).await.unwrap(), text.as_bytes());
}

#[tokio::test]
async fn a_token_that_expires_in_mid_run_is_replaced_unseen() {
    let world = World::new().await;
    let id = world.settlement("x").await;
    world.amazon.expire_tokens(None);
    assert_eq!(world.bytes(&world.found(&id).await).await.unwrap(), b"x");
    assert_eq!(world.amazon.count(Operation::Token), 2);
}

#[tokio::test]
async fn a_seller_who_takes_the_authorisation_back_is_unauthorized() {
    let world = World::new().await;
    world.seller.check_credentials().await.unwrap();
    world.amazon.set_revoked(world.seller.id().as_str(), true).unwrap();
    world.wait(3_600_000).await;
    let error = world.seller.check_credentials().await.unwrap_err();
    assert_eq!(error.kind(), "unauthorized", "{error:?}");
}

#[tokio::test]
async fn the_budget_keeps_within_the_rates_of_amazon() {
    let world = World::new().await;
    let id = world.seller.create_report(&request()).await.unwrap();
    let mut waits = 0;
    for _ in 0..60 {
        match world.seller.report(&id).await {
            Ok(_) => {}
            Err(AmazonError::RateLimited { wait, .. }) => {
                waits += 1;
                world.wait(i64::try_from(wait.as_millis()).unwrap()).await;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(waits > 15);
    assert!(world.amazon.calls().iter().all(|call| call.status != 429));
}
