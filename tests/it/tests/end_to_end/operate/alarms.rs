//! Every alarm on the program's own metrics fires when its cause is provoked, and not before: the functions run here, at
//! whatever time a case says, and the alarms of `infra/alarms/alarms.toml` are evaluated on the lines that they emit.

use std::rc::Rc;
use std::sync::Arc;

use countinghouse_domain::time::{Clock, FixedClock};
use countinghouse_it::alarms::{alarm, definition, firing};
use countinghouse_it::buyer::Buyer;
use countinghouse_it::calls::recorded;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::{Suite, root};
use countinghouse_it::vendor::{file, retail};
use countinghouse_runtime::messages::{PollJobs, Version, WatchBooks};
use countinghouse_runtime::metrics::collect;
use countinghouse_store::{Flows, Sellers};
use fake_amazon::{
    Fault, FaultKind, FeedOutcome, FeedResult, NotificationMode, Operation, Region, Scenario, VendorOutcome,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::deaths::{book, clock, create, download, event, key};
use crate::issuing::bench as desk;
use crate::purchases::Desk;
use crate::vendor::bench::{Bench, created};

cases![
    every_alarm_has_a_case_that_provokes_its_cause,
    what_is_wrong_with_settlements_fires,
    silence_fires_and_so_does_what_is_about_to_be_lost,
    what_is_wrong_with_vendor_invoices_fires,
    what_is_wrong_with_own_invoices_fires,
    what_is_wrong_with_purchases_fires,
    what_is_wrong_with_client_secrets_fires,
];

const SETTLEMENTS: [&str; 6] = [
    "unclassified-rows",
    "unproven-settlements",
    "quarantined-documents",
    "conflicting-settlements",
    "settlement-gaps",
    "settlements-needing-a-person",
];
const SILENCE: [&str; 5] =
    ["no-settlement", "no-vat-report", "job-stands-still", "reports-about-to-be-lost", "secret-expires"];
const VENDOR: [&str; 7] = [
    "vendor-invoices-rejected",
    "vendor-invoices-refused",
    "vendor-files-unreadable",
    "vendor-invoices-failed",
    "vendor-invoices-answer-lost",
    "vendor-invoices-unverified",
    "oldest-open-vendor-invoice",
];
const OWN: [&str; 4] =
    ["own-invoices-not-made", "own-invoices-rejected", "own-invoices-needing-a-person", "oldest-due-invoice"];
const SECRETS: [&str; 1] = ["client-secret-not-stored"];
const PURCHASES: [&str; 5] = [
    "differing-purchases",
    "overdue-invoices",
    "old-open-purchases",
    "unreadable-purchases",
    "unproven-purchase-windows",
];

async fn every_alarm_has_a_case_that_provokes_its_cause(_suite: Rc<Suite>) {
    let mut provoked = [&SETTLEMENTS[..], &SILENCE, &VENDOR, &OWN, &PURCHASES, &SECRETS].concat();
    let mut defined: Vec<String> = definition().into_iter().map(|alarm| alarm.name).collect();
    provoked.sort_unstable();
    defined.sort_unstable();
    assert_eq!(provoked, defined);
}

/// Which alarms the cases here provoke, one after the other; each must be silent before.
struct Watch {
    before: Vec<String>,
    still: Vec<&'static str>,
}

/// The name that lines have in this process, where no template names the stack.
const STACK: &str = "countinghouse";

impl Watch {
    /// Nothing is wrong: whatever was emitted so far makes none of these fire.
    fn calm(alarms: &[&'static str], lines: Vec<String>) -> Self {
        let still = alarms.to_vec();
        let firing = firing(STACK, &lines);
        assert!(still.iter().all(|alarm| !firing.contains_key(*alarm)), "nothing is wrong yet: {firing:?}");
        Self { before: lines, still }
    }

    /// A cause is provoked: this alarm was silent up to now, and fires.
    fn fires(&mut self, name: &'static str, lines: Vec<String>) {
        let place = self.still.iter().position(|each| *each == name);
        self.still.remove(place.unwrap_or_else(|| panic!("{name} is not expected, or fires already")));
        let alarm = alarm(name);
        let shown = |lines: &[String]| alarm.points(STACK, lines);
        assert!(!alarm.fires(STACK, &self.before), "{name} fires before its cause: {:?}", shown(&self.before));
        assert!(alarm.fires(STACK, &lines), "{name} does not fire: {:?}", shown(&lines));
        self.before.extend(lines);
    }

    /// Every alarm has had its cause.
    fn over(self) {
        assert!(self.still.is_empty(), "not provoked: {:?}", self.still);
    }
}

fn noon() -> Timestamp {
    desk::noon()
}

fn later(hours: i64) -> Timestamp {
    noon().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

async fn ground(suite: &Suite, name: &str) -> Stack {
    let stack = suite.bare(name, Scenario { frozen_at: Some(noon()), ..calm() }).await;
    stack.notify(NotificationMode::Never);
    stack
}

/// watch-books at a moment.
async fn watch(stack: &Stack, now: Timestamp) -> Vec<String> {
    let mut dependencies =
        watch_books::Dependencies::new(&stack.variables(), &recorded("watch-books", stack, &stack.aws)).unwrap();
    dependencies.clock = Arc::new(FixedClock::new(now));
    let (outcome, lines) = collect(watch_books::handle(&dependencies, WatchBooks { version: Version })).await;
    outcome.unwrap();
    lines
}

/// poll-jobs at a moment.
async fn polled(stack: &Stack, now: Timestamp) -> Vec<String> {
    let aws = recorded("poll-jobs", stack, &stack.aws);
    let mut dependencies = poll_jobs::Dependencies::new(&stack.variables(), &aws).unwrap();
    dependencies.clock = Arc::new(FixedClock::new(now));
    let (outcome, lines) = collect(poll_jobs::handle(&dependencies, PollJobs { version: Version })).await;
    outcome.unwrap();
    lines
}

/// Downloads and books whatever is announced.
async fn booked(stack: &Stack, seller: &Seller, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    for message in desk::messages(stack, "DownloadsQueueUrl").await {
        collect(download(stack, &stack.aws, &message, now)).await;
        let told: Value = created(stack, &key(seller, &message));
        lines.extend(collect(book(stack, &stack.aws, &told, now)).await.1);
    }
    lines
}

/// Amazon closes a settlement; it is found, fetched and booked.
async fn settle(stack: &Stack, seller: &Seller, text: &str) -> Vec<String> {
    seller.close(stack, text);
    polled(stack, noon()).await;
    booked(stack, seller, noon()).await
}

async fn what_is_wrong_with_settlements_fires(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-alarms-books").await;
    let story = Story::checked_in();
    let (european, american) = (Seller::european(stack).await, Seller::american(stack).await);
    let own = |name: &str| european.own_settlement(&story.text(name));
    let mut lines = settle(stack, &european, &own("eu/settlement-1.txt")).await;
    lines.extend(watch(stack, noon()).await);
    let mut watched = Watch::calm(&SETTLEMENTS, lines);

    let strange = american.own_settlement(&story.text("us/settlement-2.txt"));
    watched.fires("unclassified-rows", settle(stack, &american, &strange).await);
    watched.fires("settlements-needing-a-person", watch(stack, noon()).await);
    let seller = Seller::european(stack).await;
    let mine = |name: &str| seller.own_settlement(&story.text(name));
    let text = mine("eu/settlement-2.txt");
    let total = text.lines().nth(1).unwrap().split('\t').nth(4).unwrap();
    watched.fires("unproven-settlements", settle(stack, &seller, &text.replacen(total, "90,00", 1)).await);
    let bad = mine("eu/settlement-1.txt").replacen("74,79", "74,7x", 1);
    watched.fires("quarantined-documents", settle(stack, &seller, &bad).await);
    // Such a file is quarantined, too.
    let (right, wrong) =
        (own("eu/settlement-gbp.txt"), own("eu/settlement-gbp.txt").replace("LK-SPOON-SET", "LK-SPOON-TIN"));
    settle(stack, &european, &right).await;
    watched.fires("conflicting-settlements", settle(stack, &european, &wrong).await);

    // Two settlements of one chain, and not the one between them.
    let seller = Seller::european(stack).await;
    let first = seller.own_settlement(&story.text("eu/settlement-1.txt"));
    let earlier = first
        .replace("245103", "244103")
        .replace("05.11.2026 20:21:38", "08.10.2026 20:21:38")
        .replace("22.10.2026 20:21:38", "24.09.2026 20:21:38");
    settle(stack, &seller, &earlier).await;
    let second = seller.own_settlement(&story.text("eu/settlement-2.txt"));
    watched.fires("settlement-gaps", settle(stack, &seller, &second).await);
    watched.over();
}

async fn silence_fires_and_so_does_what_is_about_to_be_lost(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-alarms-silence").await;
    let story = Story::checked_in();
    let seller = Seller::european(stack).await;
    // The last settlement of the story ended three days ago; the VAT report of the day is booked.
    for name in ["eu/settlement-1.txt", "eu/settlement-2.txt"] {
        settle(stack, &seller, &seller.own_settlement(&story.text(name))).await;
    }
    seller.add_vat_rows(stack, &story.text("eu/vat.csv"));
    collect(create(stack, &stack.aws, &seller, noon())).await;
    polled(stack, noon()).await;
    booked(stack, &seller, noon()).await;
    let mut watched = Watch::calm(&SILENCE, watch(stack, noon()).await);

    // Nobody creates or polls any more; each moment is the first at which its alarm fires, to the hour.
    let almost = [watch(stack, later(35)).await, watch(stack, later(12 * 24)).await].concat();
    assert!(!alarm("no-vat-report").fires(STACK, &almost[..almost.len() / 2]), "35 hours are not 36");
    assert!(!alarm("no-settlement").fires(STACK, &almost), "15 days are not 16");
    watched.fires("no-vat-report", watch(stack, later(36)).await);
    let end = stack.settlements().list(&seller.id.parse().unwrap()).await.unwrap().pop().unwrap().header.end;
    let sixteen_days = end.checked_add(SignedDuration::from_hours(16 * 24)).unwrap();
    watched.fires("no-settlement", watch(stack, sixteen_days).await);

    // Amazon closes one, it is found, and nobody fetches it.
    let report = seller.close(stack, &seller.own_settlement(&story.text("eu/settlement-gbp.txt")));
    polled(stack, noon()).await;
    assert!(stack.job(&seller, &report).await.is_some());
    let almost = watch(stack, noon().checked_add(SignedDuration::from_secs(6 * 3_600 - 1)).unwrap()).await;
    assert!(!alarm("job-stands-still").fires(STACK, &almost));
    watched.fires("job-stands-still", watch(stack, later(6)).await);
    watched.fires("reports-about-to-be-lost", watch(stack, later(76 * 24)).await);
    watched.fires("secret-expires", watch(stack, later(151 * 24)).await);
    watched.over();
}

async fn what_is_wrong_with_vendor_invoices_fires(suite: Rc<Suite>) {
    let bench = Bench::set_up(&suite, "it-alarms-vendor").await;
    let hand_in = async |name: &str, body: String| collect(bench.hand_in(name, body)).await.1;
    let poll = async || collect(bench.poll()).await.1;
    let mut lines = hand_in("right.json", retail("RIGHT").to_string()).await;
    lines.extend(poll().await);
    let mut watched = Watch::calm(&VENDOR, lines);

    let mut wrong = retail("WRONG");
    wrong["invoiceTotal"]["amount"] = json!("405.00");
    watched.fires("vendor-invoices-rejected", hand_in("wrong.json", wrong.to_string()).await);
    let mut another = retail("RIGHT");
    another["items"][0]["vendorProductIdentifier"] = json!("another");
    watched.fires("vendor-invoices-refused", hand_in("twice.json", another.to_string()).await);
    let whole = file(&[retail("RE-1"), retail("RE-2")]);
    watched.fires("vendor-files-unreadable", hand_in("cut.json", whole[..whole.len() - 20].to_owned()).await);
    bench.vendor.will(&bench.stack, "FAILS", VendorOutcome::failure("INVALID_ORDER_ID", "Invalid order ID."));
    hand_in("fails.json", retail("FAILS").to_string()).await;
    watched.fires("vendor-invoices-failed", poll().await);
    bench.vendor.fault(&bench.stack, Fault::next(Operation::SubmitInvoices, FaultKind::LostAnswer));
    watched.fires("vendor-invoices-answer-lost", hand_in("lost.json", retail("LOST").to_string()).await);
    bench.vendor.will(&bench.stack, "SILENT", VendorOutcome::processing());
    hand_in("silent.json", retail("SILENT").to_string()).await;
    bench.advance(SignedDuration::from_mins(31)).await;
    watched.fires("vendor-invoices-unverified", poll().await);
    // Amazon is asked for too much at once, and nobody takes the rest of the file up again.
    bench.vendor.fault(&bench.stack, Fault::next(Operation::SubmitInvoices, FaultKind::Throttled));
    hand_in("later.json", retail("LATER").to_string()).await;
    bench.advance(SignedDuration::from_mins(121)).await;
    watched.fires("oldest-open-vendor-invoice", poll().await);
    watched.over();
}

async fn what_is_wrong_with_own_invoices_fires(suite: Rc<Suite>) {
    let stack = &desk::ground(&suite, "it-alarms-own").await;
    let (made, unmade) = (issuing(stack, "A1OWNMADE").await, issuing(stack, "A2OWNUNMADE").await);
    desk::put_profile(stack, &made.id).await;
    let due = desk::sample_document("credit-notes.txt", "shipment 409303258");
    let document = desk::report(stack, &made.id, &due, noon()).await;
    let issuer = desk::issuer(stack, &stack.aws, noon());
    let issue = async |seller: &Seller| {
        let message = desk::message(&seller.id, &document);
        collect(desk::handle(&issuer, &message)).await.1
    };
    // Due for an hour is not late.
    let mut lines = polled(stack, later(1)).await;
    lines.extend(issue(&made).await);
    let mut watched = Watch::calm(&OWN, lines);

    let message = "Order ID or shipping ID is not valid".to_owned();
    let refused = FeedOutcome::next(FeedResult::Rejected { code: 79_517, message });
    stack.amazon.add_feed_outcome(FeedOutcome { seller_id: Some(made.id.clone()), ..refused });
    upload(stack, &made, &document).await;
    stack.amazon.advance_ms(3_600_000).await;
    watched.fires("own-invoices-rejected", polled(stack, later(1)).await);
    // Without a profile nothing can be made.
    desk::report(stack, &unmade.id, &due, noon()).await;
    watched.fires("oldest-due-invoice", polled(stack, later(21)).await);
    watched.fires("own-invoices-not-made", issue(&unmade).await);
    watched.fires("own-invoices-needing-a-person", polled(stack, later(21)).await);
    watched.over();
}

/// A seller who issues own invoices, without a profile.
async fn issuing(stack: &Stack, id: &str) -> Seller {
    let seller = Seller::named(stack, id).await;
    let sellers = Sellers::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("SellersTableName"));
    let mut item = sellers.get(&id.parse().unwrap()).await.unwrap().unwrap();
    item.flows = Flows { invoicing: true, ..Flows::default() };
    sellers.put(&item).await.unwrap();
    seller
}

async fn upload(stack: &Stack, seller: &Seller, document: &str) {
    let now: Arc<dyn Clock> = clock(&Arc::new(FixedClock::new(noon())));
    let aws = recorded("upload-invoices", stack, &stack.aws);
    let mut dependencies = upload_invoices::Dependencies::new(&stack.variables(), &aws).unwrap();
    dependencies.clock = now;
    let message = event(&desk::message(&seller.id, document));
    let response = collect(upload_invoices::handle(&dependencies, message)).await.0.unwrap();
    assert!(response.batch_item_failures.is_empty());
}

async fn what_is_wrong_with_purchases_fires(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-alarms-buy").await;
    let pulls = async |desk: &Desk<'_>, buyer: &Buyer| collect(desk.pull(buyer)).await.1;
    let (buyer, desk) = (Buyer::connect(stack, Region::Eu).await, Desk::new(stack, &stack.aws, noon()));
    buyer.buys_exactly(stack, purchase("T1", "5.99", "5.99"));
    let mut watched = Watch::calm(&PURCHASES, pulls(&desk, &buyer).await);

    let contradictory = Buyer::connect(stack, Region::Eu).await;
    contradictory.buys_exactly(stack, purchase("T2", "12.00", "10.00"));
    watched.fires("differing-purchases", pulls(&desk, &contradictory).await);
    let strange = Buyer::connect(stack, Region::Eu).await;
    strange.buys_exactly(stack, purchase("T3", "a lot", "10.00"));
    let lines = pulls(&desk, &strange).await;
    watched.fires("unproven-purchase-windows", lines.clone());
    assert!(alarm("unreadable-purchases").fires(STACK, &lines));
    watched.still.retain(|name| *name != "unreadable-purchases");

    // The invoice of the first never appears.
    for _ in 0..10 {
        desk.wait(SignedDuration::from_hours(6 * 24)).await;
        let lines = pulls(&desk, &buyer).await;
        assert!(!alarm("overdue-invoices").fires(STACK, &lines), "61 days are not 62");
    }
    desk.wait(SignedDuration::from_hours(3 * 24)).await;
    watched.fires("overdue-invoices", pulls(&desk, &buyer).await);
    desk.wait(SignedDuration::from_hours(8 * 24)).await;
    watched.fires("old-open-purchases", pulls(&desk, &buyer).await);
    watched.over();
}

/// A charge of one line, told of the day before.
fn purchase(id: &str, amount: &str, line: &str) -> Value {
    let money = |amount: &str| json!({"currencyCode": "EUR", "amount": amount});
    let lines = json!([{
        "orderId": format!("O-{id}"), "orderLineItemId": "L1", "shipmentId": "S1", "asin": "B00EXAMP01",
        "itemQuantity": 1, "productTitle": "Paper", "principalAmount": money(line), "totalAmount": money(line),
    }]);
    json!({
        "transactionId": id, "transactionType": "CHARGE", "transactionDate": "2026-11-21T10:00:00Z",
        "feedDate": "2026-11-21T10:00:00Z", "amount": money(amount), "transactionLineItems": lines,
        "paymentInstrumentType": "Visa", "paymentInstrumentLast4Digits": "1234", "legalEntityName": "Example GmbH",
        "buyer": {"id": "B", "name": "Erika Beispiel", "email": "erika@example.com"},
    })
}

async fn what_is_wrong_with_client_secrets_fires(suite: Rc<Suite>) {
    let stack = &ground(&suite, "it-alarms-secrets").await;
    let _seller = Seller::european(stack).await;
    let aws = recorded("rotate-secrets", stack, &stack.aws);
    let dependencies = rotate_secrets::Dependencies::new(&stack.variables(), &aws).unwrap();
    let told = async |event: &str| {
        let event = std::fs::read(root().join("events").join(event)).unwrap();
        collect(rotate_secrets::handle(&dependencies, serde_json::from_slice(&event).unwrap())).await.1
    };
    let mut watched = Watch::calm(&SECRETS, told("rotate-secrets-another-type.json").await);
    watched.fires("client-secret-not-stored", told("rotate-secrets-unknown-application.json").await);
    watched.over();
}
