//! The VAT invoice data report: rows that are given, and what becomes of the documents that they ask for.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::amounts;
use crate::clock::plus_ms;

/// The report as text with tabs.
pub const VIDR_FLAT: &str = "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT";
/// The report as XML. The names of its elements around the columns are made up.
pub const VIDR_XML: &str = "GET_XML_VAT_INVOICE_DATA_REPORT";
const PENDING_DAYS_MS: i64 = 90 * 24 * 3_600_000;
const NEEDED: [&str; 5] = ["marketplace-id", "order-id", "shipping-id", "transaction-type", "item-vat-incl-amount"];
const KINDS: [&str; 6] = ["item", "item-promo", "gift-wrap", "gift-promo", "shipping", "shipping-promo"];

/// Why rows cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum VidrError {
    /// The text is empty or not UTF-8.
    #[error("the rows are not text in UTF-8 with a header")]
    NoText,
    /// A column is missing.
    #[error("the header has no column `{0}`")]
    NoColumn(&'static str),
    /// A row cannot be used.
    #[error("line {line}: {what}")]
    Row {
        /// Counted from 1, the header included.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

/// A document that is due, or was: one for each shipment, and one for each refund or return.
#[derive(Clone, Debug, Serialize)]
pub struct VatDocument {
    /// The country code of the marketplace, as the rows have it.
    pub marketplace: String,
    /// The order.
    pub order_id: String,
    /// The shipment.
    pub shipping_id: String,
    /// The transaction.
    pub transaction_id: String,
    /// `SHIPMENT`, `REFUND` or `RETURN`; another word stays as it is.
    pub transaction_type: String,
    /// Amazon's `invoice-status`.
    pub status: String,
    /// Amazon's words for it.
    pub description: String,
    /// The number under which it was uploaded last.
    pub invoice_number: Option<String>,
    /// The total that an upload must state, two decimals.
    pub total_amount: String,
    /// The VAT that an upload must state, two decimals.
    pub total_vat_amount: String,
    /// Amazon issues it.
    pub amazon_invoiced: bool,
    /// It corrects an earlier one: a second document of its shipment.
    pub corrects: bool,
    /// How often it was uploaded.
    pub uploads: usize,
    #[serde(skip)]
    pub(super) sums: (i128, i128),
    #[serde(skip)]
    pub(super) decision: Option<Decision>,
}

/// A status that will be shown from an instant on.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) at: Timestamp,
    pub(super) status: String,
    pub(super) description: String,
}

#[derive(Debug)]
struct Header {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Row {
    header: Arc<Header>,
    values: Vec<String>,
    document: usize,
    available_at: Timestamp,
}

/// What a report shows.
#[derive(Clone, Debug)]
pub(crate) struct VidrWish {
    pub(crate) all: bool,
    pub(crate) xml: bool,
    pub(crate) countries: Vec<String>,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) pending_has_rejected: bool,
}

/// All rows and documents of a seller.
#[derive(Debug, Default)]
pub(crate) struct Vidr {
    rows: Vec<Row>,
    pub(super) documents: Vec<VatDocument>,
}

impl VatDocument {
    pub(super) fn is_credit_note(&self) -> bool {
        ["REFUND", "RETURN"].contains(&self.transaction_type.as_str())
    }

    /// `Invoice` or `CreditNote`, as the statuses begin.
    pub(super) fn word(&self) -> &'static str {
        if self.is_credit_note() { "CreditNote" } else { "Invoice" }
    }

    pub(super) fn show(&mut self, state: &str, description: &str) {
        self.status = format!("{}{state}", self.word());
        description.clone_into(&mut self.description);
    }
}

impl Header {
    fn parse(line: &str) -> Result<Self, VidrError> {
        let names: Vec<String> =
            line.split('\t').map(|name| name.trim().trim_start_matches('\u{feff}').to_owned()).collect();
        let places: HashMap<_, _> =
            names.iter().enumerate().map(|(place, name)| (name.to_ascii_lowercase(), place)).collect();
        match NEEDED.into_iter().find(|name| !places.contains_key(*name)) {
            Some(name) => Err(VidrError::NoColumn(name)),
            None => Ok(Self { names, places }),
        }
    }
}

impl Row {
    fn get(&self, name: &str) -> &str {
        self.header.places.get(name).and_then(|place| self.values.get(*place)).map_or("", |value| value.trim())
    }

    /// The sum of a column of all kinds of charges; promotions are negative already.
    fn sum(&self, suffix: &str) -> Option<i128> {
        let amounts = KINDS.iter().map(|kind| self.get(&format!("{kind}-vat-{suffix}")));
        amounts.filter(|text| !text.is_empty()).map(amounts::parse).sum()
    }

    fn order_date(&self) -> Option<Timestamp> {
        let text = self.get("order-date");
        let day = text.split(['T', ' ']).next().unwrap_or_default();
        let date = day.parse::<Date>().ok().or_else(|| Date::strptime("%d/%m/%Y", day).ok())?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }
}

impl Vidr {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes in rows with their header, and tells how many.
    pub(crate) fn add(&mut self, text: &Bytes, available_at: Timestamp) -> Result<usize, VidrError> {
        let text = std::str::from_utf8(text).map_err(|_not_utf8| VidrError::NoText)?;
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let (_, first) = lines.next().ok_or(VidrError::NoText)?;
        let header = Arc::new(Header::parse(first)?);
        let mut count = 0;
        for (place, line) in lines {
            let values = line.split('\t').map(str::to_owned).collect();
            let mut row = Row { header: Arc::clone(&header), values, document: 0, available_at };
            let failed = |what| VidrError::Row { line: place + 1, what };
            row.document = self.document_of(&row).map_err(failed)?;
            self.rows.push(row);
            count += 1;
        }
        Ok(count)
    }

    /// The document of a row, with the row's amounts added to it.
    fn document_of(&mut self, row: &Row) -> Result<usize, &'static str> {
        let gross = row.sum("incl-amount").ok_or("an amount is no decimal number")?;
        let vat = row.sum("amount").ok_or("an amount is no decimal number")?;
        let transaction_type = row.get("transaction-type").to_ascii_uppercase();
        let shipment = transaction_type == "SHIPMENT";
        let corrects = row.get("is-invoice-corrected").eq_ignore_ascii_case("true");
        let same = |one: &VatDocument| {
            one.shipping_id == row.get("shipping-id")
                && one.transaction_type == transaction_type
                && one.corrects == corrects
                && (shipment || one.transaction_id == row.get("transaction-id"))
        };
        let known = self.documents.iter().position(same);
        let place = known.unwrap_or(self.documents.len());
        if known.is_none() {
            self.documents.push(new_document(row, transaction_type));
        }
        if let Some(document) = self.documents.get_mut(place) {
            document.sums = (document.sums.0 + gross, document.sums.1 + vat);
            document.total_amount = amounts::text(amounts::cents(document.sums.0));
            document.total_vat_amount = amounts::text(amounts::cents(document.sums.1));
        }
        Ok(place)
    }

    /// Lets statuses be shown whose time has come.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        for document in &mut self.documents {
            if document.decision.as_ref().is_some_and(|decision| decision.at <= now)
                && let Some(decision) = document.decision.take()
            {
                document.show(&decision.status, &decision.description);
            }
        }
    }

    /// The report, or `None` if it has no row.
    pub(crate) fn report(&self, wish: &VidrWish, now: Timestamp) -> Option<String> {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| self.is_in(row, wish, now)).collect();
        let header = &rows.first()?.header.names;
        let mut text = String::new();
        if wish.xml {
            text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<VATInvoiceDataReport>\n");
        } else {
            text.push_str(&header.join("\t"));
            text.push('\n');
        }
        for row in rows {
            let values: Vec<_> = header.iter().map(|name| self.shown(row, name)).collect();
            if wish.xml { write_xml(&mut text, header, &values) } else { write_line(&mut text, &values) }
        }
        if wish.xml {
            text.push_str("</VATInvoiceDataReport>\n");
        }
        Some(text)
    }

    fn is_in(&self, row: &Row, wish: &VidrWish, now: Timestamp) -> bool {
        let Some(document) = self.documents.get(row.document) else { return false };
        let ordered = row.order_date();
        let pending = document.status.ends_with("Pending");
        let rejected = wish.pending_has_rejected && document.status.ends_with("Rejected");
        let wanted = if wish.all {
            ordered.is_none_or(|at| (wish.from..=wish.to).contains(&at))
        } else {
            (pending || rejected) && ordered.is_none_or(|at| at >= plus_ms(now, -PENDING_DAYS_MS))
        };
        wanted && row.available_at <= now && wish.countries.contains(&country(&document.marketplace))
    }

    fn shown<'v>(&'v self, row: &'v Row, name: &str) -> &'v str {
        let document = self.documents.get(row.document);
        match (name.to_ascii_lowercase().as_str(), document) {
            ("invoice-status", Some(document)) => &document.status,
            ("invoice-status-description", Some(document)) => &document.description,
            ("invoice-number", Some(document)) => document.invoice_number.as_deref().unwrap_or_default(),
            (name, _) => row.get(name),
        }
    }
}

fn new_document(row: &Row, transaction_type: String) -> VatDocument {
    let text = |name: &str| row.get(name).to_owned();
    let mut document = VatDocument {
        marketplace: text("marketplace-id"),
        order_id: text("order-id"),
        shipping_id: text("shipping-id"),
        transaction_id: text("transaction-id"),
        transaction_type,
        status: text("invoice-status"),
        description: text("invoice-status-description"),
        invoice_number: Some(text("invoice-number")).filter(|number| !number.is_empty()),
        total_amount: String::new(),
        total_vat_amount: String::new(),
        amazon_invoiced: row.get("is-amazon-invoiced").eq_ignore_ascii_case("true"),
        corrects: row.get("is-invoice-corrected").eq_ignore_ascii_case("true"),
        uploads: 0,
        sums: (0, 0),
        decision: None,
    };
    if document.status.is_empty() {
        let state = if document.amazon_invoiced { "CreatedByAmazon" } else { "Pending" };
        document.show(state, "");
    }
    document.amazon_invoiced |= document.status.ends_with("CreatedByAmazon");
    document
}

/// The country of a marketplace: the report calls Great Britain by another code than the other APIs.
pub(crate) fn country(code: &str) -> String {
    let code = code.to_ascii_uppercase();
    if code == "UK" { "GB".to_owned() } else { code }
}

fn write_line(text: &mut String, values: &[&str]) {
    text.push_str(&values.join("\t"));
    text.push('\n');
}

fn write_xml(text: &mut String, names: &[String], values: &[&str]) {
    text.push_str("  <Row>\n");
    for (name, value) in names.iter().zip(values) {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // Writing into a string does not fail.
        let _ = writeln!(text, "    <{name}>{value}</{name}>");
    }
    text.push_str("  </Row>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "marketplace-id\torder-id\tshipping-id\ttransaction-id\ttransaction-type\tinvoice-status\torder-date\t\
        item-vat-incl-amount\titem-vat-amount\titem-promo-vat-incl-amount\titem-promo-vat-amount\tshipping-vat-incl-amount\t\
        shipping-vat-amount\tis-amazon-invoiced";

    fn now() -> Timestamp {
        "2026-11-22T04:00:00Z".parse().unwrap()
    }

    fn vidr(rows: &[&str]) -> Result<Vidr, VidrError> {
        let mut vidr = Vidr::default();
        vidr.add(&Bytes::from(format!("{HEADER}\n{}\n", rows.join("\n"))), now())?;
        Ok(vidr)
    }

    fn wish(all: bool, xml: bool) -> VidrWish {
        let from = plus_ms(now(), -30 * 24 * 3_600_000);
        VidrWish { all, xml, countries: vec!["GB".into(), "DE".into()], from, to: now(), pending_has_rejected: false }
    }

    const FIRST: &str =
        "UK\tO1\tS1\tS1\tSHIPMENT\tInvoicePending\t2026-11-20\t120.00\t20.00\t-0.12\t-0.02\t6.00\t1.00\tFALSE";
    const SECOND: &str = "UK\tO1\tS1\tS1\tSHIPMENT\tInvoicePending\t2026-11-20\t1.005\t0.00\t\t\t\t\tFALSE";
    const AMAZON: &str = "DE\tO2\tS2\tS2\tSHIPMENT\t\t17/11/2026\t5.00\t0.80\t\t\t\t\tTRUE";

    #[test]
    fn rows_of_a_shipment_are_one_document_with_exact_totals() {
        let vidr = vidr(&[FIRST, SECOND, AMAZON]).unwrap();
        assert_eq!(vidr.documents.len(), 2);
        assert_eq!(vidr.documents[0].total_amount, "126.89", "120.00 - 0.12 + 6.00 + 1.005");
        assert_eq!(vidr.documents[0].total_vat_amount, "20.98");
        assert_eq!(vidr.documents[1].status, "InvoiceCreatedByAmazon");
    }

    #[test]
    fn a_report_has_what_is_pending_or_all_of_its_window() {
        let mut vidr = vidr(&[FIRST, AMAZON]).unwrap();
        let lines = |vidr: &Vidr, all| vidr.report(&wish(all, false), now()).map_or(0, |text| text.lines().count());
        assert_eq!((lines(&vidr, false), lines(&vidr, true)), (2, 3));
        vidr.documents[0].show("Uploaded", "");
        assert_eq!((lines(&vidr, false), lines(&vidr, true)), (0, 3));
        let mut other = wish(true, false);
        other.countries = vec!["FR".to_owned()];
        assert!(vidr.report(&other, now()).is_none(), "another marketplace");
    }

    #[test]
    fn xml_has_the_columns_as_elements() {
        let vidr = vidr(&[&FIRST.replace("O1", "A&B")]).unwrap();
        let text = vidr.report(&wish(false, true), now()).unwrap();
        assert!(text.contains("<order-id>A&amp;B</order-id>"), "{text}");
    }

    #[test]
    fn rows_that_make_no_sense_are_refused_with_their_line() {
        let error = vidr(&[FIRST, &SECOND.replace("1.005", "much")]).unwrap_err();
        assert_eq!(error.to_string(), "line 3: an amount is no decimal number");
        let error = Vidr::default().add(&Bytes::from_static(b"order-id\n1\n"), now()).unwrap_err();
        assert!(error.to_string().contains("marketplace-id"));
    }
}
