//! Numbers without gaps, each given once.

use std::collections::BTreeSet;
use std::time::Duration;

use countinghouse_domain::document::DocumentKind;
use countinghouse_store::{Allocation, NumberRequest, Numbering, OriginalInvoice, OwnInvoices};
use countinghouse_vat_invoices::number::{Place, SeriesPattern};
use countinghouse_vat_invoices::state::State;

use super::{DUE, Row, at, made, made_from, seller, tell};
use crate::{Case, World};

pub(super) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        two_hundred_at_once_killed_at_random_leave_no_gap_and_no_twin,
        a_number_stays_with_its_document_and_its_day,
        a_void_document_keeps_its_number_and_says_so,
        a_number_that_was_given_elsewhere_is_passed_over,
        a_series_can_go_on_from_another_programs_numbers_and_never_goes_back,
    ]
}

const PATIENCE: Duration = Duration::from_mins(5);

fn place() -> Place {
    let kind = DocumentKind::Invoice;
    Place { year: 2026, marketplace: "DE".into(), country: "DE".into(), kind }
}

async fn allocate(invoices: &OwnInvoices, document: &str) -> Allocation {
    let pattern: SeriesPattern = SeriesPattern::DEFAULT.parse().unwrap();
    let (place, made_from) = (place(), made_from());
    let issued_on = "2026-11-22".parse().unwrap();
    let request = NumberRequest { pattern: &pattern, place: &place, issued_on, made_from: &made_from };
    invoices.allocate(&seller(), document, &request, PATIENCE, at(2)).await.unwrap()
}

async fn given(invoices: &OwnInvoices, document: &str) -> Numbering {
    match allocate(invoices, document).await {
        Allocation::Given(numbering) => *numbering,
        Allocation::NotDue(state) => panic!("{document} is {state}"),
    }
}

async fn two_hundred_at_once_killed_at_random_leave_no_gap_and_no_twin(aws: World) {
    const ISSUERS: u64 = 200;
    let table = aws.table("own-invoices").await;
    let mut documents = Vec::new();
    for number in 0..ISSUERS {
        let shipment = format!("S{number}");
        let invoices = OwnInvoices::new(aws.dynamodb(), &table);
        documents.push(tell(&invoices, &Row { shipment: &shipment, ..DUE }, 0).await.0);
    }
    // Each issuer is a process of its own: nothing is shared but the table. Each dies at some moment, whatever it is at
    // then, and runs again until it gets through.
    let issuers = documents.iter().cloned().zip(1_u64..).map(|(document, number)| {
        let invoices = OwnInvoices::new(aws.dynamodb(), &table);
        tokio::spawn(async move {
            let mut deaths = 0_u32;
            for life in [37 * number % 211, 91 * number % 501, 600_000] {
                match tokio::time::timeout(Duration::from_millis(life), given(&invoices, &document)).await {
                    Ok(numbering) => return (numbering, deaths),
                    Err(_died) => deaths += 1,
                }
            }
            panic!("{document} got no number");
        })
    });
    let (mut running, mut deaths) = (BTreeSet::new(), 0);
    for issuer in issuers.collect::<Vec<_>>() {
        let (numbering, died) = issuer.await.unwrap();
        assert!(running.insert(numbering.running), "{} was given twice", numbering.number);
        deaths += died;
    }
    assert_eq!(running, (1..=ISSUERS).collect(), "a gap");
    assert!(deaths > 20, "only {deaths} died");
    let invoices = OwnInvoices::new(aws.dynamodb(), &table);
    assert_eq!(invoices.next_number(&seller(), "INV-2026-DE-#").await.unwrap(), ISSUERS + 1);
    let register = invoices.register(&seller()).await.unwrap();
    assert_eq!(register.len(), documents.len());
    for entry in register {
        let document = invoices.get(&seller(), &entry.document).await.unwrap().unwrap();
        assert_eq!(document.numbering.unwrap().number.as_str(), entry.number);
    }
}

async fn a_number_stays_with_its_document_and_its_day(aws: World) {
    let invoices = OwnInvoices::new(aws.dynamodb(), aws.table("own-invoices").await);
    let (document, _) = tell(&invoices, &DUE, 0).await;
    let first = given(&invoices, &document).await;
    assert_eq!(first.number.as_str(), "INV-2026-DE-000001");
    let pattern: SeriesPattern = "X{number:3}".parse().unwrap();
    let (place, issued_on) = (place(), "2027-01-01".parse().unwrap());
    let other = countinghouse_store::MadeFrom { profile: super::object("another.toml"), ..made_from() };
    let request = NumberRequest { pattern: &pattern, place: &place, issued_on, made_from: &other };
    let again = invoices.allocate(&seller(), &document, &request, PATIENCE, at(9)).await.unwrap();
    assert!(matches!(again, Allocation::Given(again) if *again == first));
    assert_eq!(invoices.next_number(&seller(), "X#").await.unwrap(), 1);
}

async fn a_void_document_keeps_its_number_and_says_so(aws: World) {
    let invoices = OwnInvoices::new(aws.dynamodb(), aws.table("own-invoices").await);
    let (document, _) = tell(&invoices, &DUE, 0).await;
    let numbering = given(&invoices, &document).await;
    let (seller, from) = (seller(), made_from());
    assert!(invoices.issued(&seller, &document, &made(), &from, at(2)).await.unwrap());
    assert!(invoices.cancel(&seller, &document, "Amazon issues it", at(3)).await.unwrap());
    assert!(invoices.cancel(&seller, &document, "again", at(4)).await.unwrap(), "void is void");
    let entry = invoices.registered(&seller, numbering.number.as_str()).await.unwrap().unwrap();
    assert_eq!(entry.cancelled.as_deref(), Some("Amazon issues it"));
    let void = invoices.get(&seller, &document).await.unwrap().unwrap();
    assert_eq!((void.standing.state, void.numbering), (State::Cancelled, Some(numbering)));
    let (other, _) = tell(&invoices, &Row { shipment: "S2", ..DUE }, 0).await;
    assert_eq!(given(&invoices, &other).await.running, 2);
    assert!(matches!(allocate(&invoices, &document).await, Allocation::Given(_)), "it has one");
}

async fn a_number_that_was_given_elsewhere_is_passed_over(aws: World) {
    let invoices = OwnInvoices::new(aws.dynamodb(), aws.table("own-invoices").await);
    let seller = seller();
    for (shipment, number) in [("S8", "INV-2026-DE-000001"), ("S9", "INV-2026-DE-000002")] {
        let accepted = Row { shipment, status: "InvoiceUploaded", number, ..DUE };
        assert_eq!(tell(&invoices, &accepted, 0).await.1.state, None, "it is not ours");
    }
    let (document, _) = tell(&invoices, &DUE, 0).await;
    assert_eq!(given(&invoices, &document).await.number.as_str(), "INV-2026-DE-000003");
    let numbers: Vec<_> = invoices.register(&seller).await.unwrap().into_iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, ["INV-2026-DE-000001", "INV-2026-DE-000002", "INV-2026-DE-000003"]);
    let original = invoices.original(&seller, "S8").await.unwrap();
    let number = "INV-2026-DE-000001".to_owned();
    assert_eq!(original, OriginalInvoice::Numbered { number, issued_on: None });
}

async fn a_series_can_go_on_from_another_programs_numbers_and_never_goes_back(aws: World) {
    let invoices = OwnInvoices::new(aws.dynamodb(), aws.table("own-invoices").await);
    let (seller, series) = (seller(), "INV-2026-DE-#");
    assert!(invoices.continue_series(&seller, series, 4_711, at(0)).await.unwrap());
    assert!(invoices.continue_series(&seller, series, 4_711, at(0)).await.unwrap(), "the same again");
    let (document, _) = tell(&invoices, &DUE, 0).await;
    assert_eq!(given(&invoices, &document).await.number.as_str(), "INV-2026-DE-004712");
    assert!(!invoices.continue_series(&seller, series, 100, at(0)).await.unwrap());
    assert_eq!(invoices.next_number(&seller, series).await.unwrap(), 4_713);
}
