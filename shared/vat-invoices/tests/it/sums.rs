//! Sums are Amazon's, to the cent.

use countinghouse_domain::document::DocumentKind;
use countinghouse_vat_invoices::vidr::Field;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::support::{fixture, open, read};

const HEADER: &str = "marketplace-id\torder-id\tshipping-id\ttransaction-id\ttransaction-type\tinvoice-status\tis-amazon-invoiced\tshipment-date\tproduct-name\tquantity-purchased\tcurrency\titem-vat-incl-amount\titem-vat-amount\titem-vat-excl-amount\titem-vat-rate\tshipping-vat-incl-amount\tshipping-vat-amount\tshipping-vat-excl-amount\tshipping-vat-rate\titem-promo-vat-incl-amount\titem-promo-vat-amount\titem-promo-vat-excl-amount\titem-promo-vat-rate\n";

/// All columns of the file added, without any rule: what Amazon compares with.
fn columns_added(bytes: &[u8]) -> [Decimal; 3] {
    let kinds = [["incl-amount", ""], ["vat-amount", ""], ["excl-amount", ""]];
    let mut reader = open(bytes).unwrap();
    let mut sums = [Decimal::ZERO; 3];
    while let Some(row) = reader.next_row().unwrap() {
        for (sum, [end, _]) in sums.iter_mut().zip(kinds) {
            for field in Field::ALL.iter().filter(|field| field.name().ends_with(end)) {
                let text = row.text(*field).replace(',', ".");
                *sum += if text.is_empty() { Decimal::ZERO } else { text.parse::<Decimal>().unwrap() };
            }
        }
    }
    sums
}

#[test]
fn the_documents_of_every_sample_come_to_the_sums_of_its_columns() {
    for name in [
        "sample.txt",
        "domestic-in-every-marketplace.txt",
        "across-borders.txt",
        "charges.txt",
        "credit-notes.txt",
        "statuses.txt",
        "business.txt",
        "sixty-lines.txt",
        "rates-in-percent-and-decimal-commas.txt",
        "charges-in-xml.xml",
    ] {
        let bytes = fixture(name);
        let whole = read(&bytes).unwrap();
        let reported = whole.documents.iter().map(|document| document.as_reported);
        let sums = reported
            .fold([Decimal::ZERO; 3], |sums, each| [sums[0] + each.gross, sums[1] + each.vat, sums[2] + each.net]);
        assert_eq!(sums, columns_added(&bytes), "{name}");
        for document in &whole.documents {
            let by_rate: Decimal = document.by_rate.iter().map(|rate| rate.total.vat).sum();
            assert_eq!(by_rate, document.total.vat, "{name}");
            let charges = document.lines.iter().flat_map(|line| &line.charges);
            assert_eq!(charges.map(|charge| charge.amounts.gross).sum::<Decimal>(), document.total.gross, "{name}");
            assert!(document.can_be_made() != document.attention.blocks());
            assert!(!document.can_be_made() || !document.total.gross.is_sign_negative(), "{name}");
        }
    }
}

#[derive(Debug, Clone)]
struct Made {
    document: usize,
    credit: bool,
    item: i64,
    shipping: i64,
    promotion: i64,
    percent: bool,
    rate: usize,
}

const RATES: [(&str, &str); 4] = [("0.19", "19"), ("0.07", "7.00"), ("0.055", "5.5"), ("0.2", "20")];

impl Made {
    fn line(&self) -> String {
        let sign = if self.credit { -1 } else { 1 };
        let rate: Decimal = RATES[self.rate].0.parse().unwrap();
        let amounts = |cents: i64| {
            let gross = Decimal::new(cents, 2);
            let net = (gross / (Decimal::ONE + rate)).round_dp(2);
            let written = if self.percent { RATES[self.rate].1 } else { RATES[self.rate].0 };
            format!("{gross}\t{}\t{net}\t{written}", gross - net)
        };
        let (kind, status) = if self.credit { ("REFUND", "CreditNotePending") } else { ("SHIPMENT", "InvoicePending") };
        let shipment = format!("S{}", self.document);
        let transaction = if self.credit { format!("amzn1:crow:{}", self.document) } else { shipment.clone() };
        format!(
            "DE\tO{}\t{shipment}\t{transaction}\t{kind}\t{status}\tFALSE\t2026-11-19\tLamp\t1\tEUR\t{}\t{}\t{}\n",
            self.document,
            amounts(self.item * sign),
            amounts(self.shipping * sign),
            amounts(-self.promotion.min(self.item) * sign),
        )
    }

    fn gross(&self) -> Decimal {
        Decimal::new(self.item + self.shipping - self.promotion.min(self.item), 2)
    }
}

fn made() -> impl Strategy<Value = Made> {
    (0_usize..6, any::<bool>(), 1_i64..1_000_000, 0_i64..2_000, 0_i64..5_000, any::<bool>(), 0_usize..RATES.len())
        .prop_map(|(document, credit, item, shipping, promotion, percent, rate)| Made {
            document: document * 2 + usize::from(credit),
            credit,
            item,
            shipping,
            promotion,
            percent,
            rate,
        })
}

proptest! {
    #[test]
    fn rows_in_any_order_make_documents_with_the_sums_of_their_rows(rows in prop::collection::vec(made(), 1..40)) {
        let text: String = std::iter::once(HEADER.to_owned()).chain(rows.iter().map(Made::line)).collect();
        let whole = read(text.as_bytes()).unwrap();
        let mut expected = std::collections::BTreeMap::new();
        for row in &rows {
            *expected.entry(row.document).or_insert(Decimal::ZERO) += row.gross();
        }
        prop_assert_eq!(whole.documents.len(), expected.len());
        let credits = expected.keys().filter(|document| *document % 2 == 1).count();
        prop_assert_eq!(whole.of_kind(DocumentKind::CreditNote), credits);
        for document in &whole.documents {
            let number: usize = document.order_id[1..].parse().unwrap();
            prop_assert_eq!(document.total.gross, expected[&number]);
            prop_assert_eq!(document.total.gross, document.total.net + document.total.vat);
            let sign = if document.kind == DocumentKind::CreditNote { -Decimal::ONE } else { Decimal::ONE };
            prop_assert_eq!(document.as_reported.gross, document.total.gross * sign);
            // The rates are those that were meant, however they were written.
            let meant: Vec<Decimal> = RATES.iter().map(|(rate, _)| rate.parse().unwrap()).collect();
            prop_assert!(document.by_rate.iter().all(|rate| meant.contains(&rate.rate)), "{:?}", document.by_rate);
            prop_assert!(document.can_be_made(), "{:?}", document.attention);
        }
    }
}

#[test]
fn the_index_knows_numbers_in_use_and_shipments_that_are_credited() {
    let statuses = read(&fixture("statuses.txt")).unwrap();
    assert!(statuses.index.uses_number("DE-2026-000103"));
    assert!(!statuses.index.uses_number("DE-2026-000003"));
    let whole = read(&fixture("credit-notes.txt")).unwrap();
    let invoice = whole.documents.iter().find(|document| document.original.is_none()).unwrap();
    assert!(whole.index.credits_shipment(&invoice.shipping_id));
    assert!(!whole.index.credits_shipment("409302382"));
    let credit =
        whole.documents.iter().find(|document| document.original.as_ref().is_some_and(|each| each.number.is_empty()));
    let mut credit = credit.unwrap().clone();
    credit.link_original("DE-2026-000001", invoice.shipment_date);
    assert!(credit.attention.is_empty());
    credit.link_original("DE-2026-000002", None);
    assert_eq!(credit.original.unwrap().number, "DE-2026-000001");
}
