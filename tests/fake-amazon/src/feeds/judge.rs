//! What Amazon thinks of an upload: its errors, and the text of the processing report.
//!
//! The codes 79503 to 79544 below are known from Amazon's documentation. What is wrong with a shipment, with amounts, with
//! what was uploaded before and with characters has codes that are not public; the codes from 79550 stand for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;

use super::amounts;
use super::vidr::{VatDocument, Vidr, country};
use crate::marketplaces;

/// The marketplaces that take invoices.
pub(crate) const COUNTRIES: [&str; 10] = ["IE", "ES", "GB", "FR", "BE", "NL", "DE", "IT", "SE", "PL"];

/// An error of a processing report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) code: u32,
    pub(crate) message: String,
}

fn complaint(code: u32, message: impl Into<String>) -> Complaint {
    Complaint { code, message: message.into() }
}

/// The metadata of an upload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Only keys with the prefix count; spaces around a value are trimmed.
    pub(crate) fn of(options: &BTreeMap<String, String>, any_case: bool) -> Self {
        let known = options.iter().filter_map(|(key, value)| {
            let key = if any_case { key.to_ascii_lowercase() } else { key.clone() };
            Some((key.strip_prefix("metadata:")?.to_owned(), value.trim().to_owned()))
        });
        Self(known.filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// As an error names it.
    fn shown(&self, key: &str) -> &str {
        self.get(key).unwrap_or("N/A")
    }

    fn about(&self) -> String {
        format!("shipmentId {}, orderId {}", self.shown("shippingid"), self.shown("orderid"))
    }
}

/// What is uploaded.
#[derive(Debug)]
pub(crate) struct Upload<'u> {
    pub(crate) metadata: &'u Metadata,
    pub(crate) marketplace_ids: &'u [String],
    pub(crate) file: Option<&'u Bytes>,
    /// The seller may upload own invoices.
    pub(crate) enrolled: bool,
}

/// Finds the document of an upload, or what is wrong with it.
///
/// Beside a complaint stands the document that is rejected by it, if it could be found.
pub(crate) fn judge(vidr: &Vidr, upload: &Upload<'_>) -> Result<usize, (Complaint, Option<usize>)> {
    let metadata = upload.metadata;
    let credit_note = check_request(upload).map_err(|complaint| (complaint, None))?;
    let found = find(vidr, upload, credit_note).map_err(|complaint| (complaint, None))?;
    let (place, document) = found;
    check_file(upload, credit_note).map_err(|complaint| (complaint, Some(place)))?;
    if document.amazon_invoiced {
        let message = format!("Amazon will generate invoice for {}", metadata.about());
        // The document is Amazon's: nothing is rejected.
        return Err((complaint(79_525, message), None));
    }
    if document.status.ends_with("Uploaded") {
        let message = format!("An invoice was already uploaded for {}", metadata.about());
        return Err((complaint(79_553, message), None));
    }
    check_number(vidr, place, metadata).map_err(|complaint| (complaint, Some(place)))?;
    check_amounts(document, metadata).map_err(|complaint| (complaint, Some(place)))?;
    Ok(place)
}

/// Checks what needs no look at the file and the shipment, and tells whether it is a credit note.
fn check_request(upload: &Upload<'_>) -> Result<bool, Complaint> {
    let metadata = upload.metadata;
    if !upload.enrolled {
        return Err(complaint(79_509, "This feature is in closed beta and is not available to you."));
    }
    let countries: Vec<_> = upload.marketplace_ids.iter().filter_map(|id| marketplaces::find(id)).collect();
    let valid = matches!(countries.as_slice(), [one] if COUNTRIES.contains(&one.country));
    if !valid || upload.marketplace_ids.len() != 1 {
        return Err(complaint(79_523, "Please provide only one valid marketplace."));
    }
    let given = |key: &str| metadata.get(key).is_some();
    let subject = given("shippingid") || given("orderid");
    if !(subject && ["invoicenumber", "totalamount", "totalvatamount"].into_iter().all(given)) {
        let message = "Please provide metadata:shippingid or metadata:orderid,metadata:invoicenumber,\
            metadata:totalamount,metadata:totalvatamount";
        return Err(complaint(79_513, message));
    }
    let credit_note = match metadata.get("documenttype") {
        None | Some("Invoice") => false,
        Some("CreditNote") => true,
        Some(other) => return Err(complaint(79_531, format!("The document type {other} is not supported."))),
    };
    if credit_note && !given("transactionid") {
        return Err(complaint(79_513, "Please provide metadata:transactionid"));
    }
    for (key, value) in &metadata.0 {
        // The point is not in Amazon's list, but amounts are written with it.
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || ",/\\ -_;:#.".contains(letter);
        if !value.chars().all(allowed) {
            return Err(complaint(79_554, format!("metadata:{key} has characters that are not supported.")));
        }
    }
    Ok(credit_note)
}

fn check_file(upload: &Upload<'_>, credit_note: bool) -> Result<(), Complaint> {
    let about = upload.metadata.about();
    match upload.file {
        Some(bytes) if bytes.starts_with(b"%PDF-") => Ok(()),
        Some(bytes) if !bytes.is_empty() => Err(complaint(79_503, format!("Invoice uploaded is not pdf for {about}"))),
        _ if credit_note => Err(complaint(79_544, format!("Credit note missing in feed for {about}"))),
        _ => Err(complaint(79_540, format!("Invoice missing in feed for {about}"))),
    }
}

/// The shipment goes before the order, whose first document that is not uploaded is meant.
fn find<'v>(vidr: &'v Vidr, upload: &Upload<'_>, credit_note: bool) -> Result<(usize, &'v VatDocument), Complaint> {
    let metadata = upload.metadata;
    let at = upload.marketplace_ids.first().and_then(|id| marketplaces::find(id)).map(|one| one.country);
    let transaction = metadata.get("transactionid");
    let fits = |document: &&VatDocument| {
        let subject = match metadata.get("shippingid") {
            Some(shipping_id) => document.shipping_id == shipping_id,
            None => Some(document.order_id.as_str()) == metadata.get("orderid"),
        };
        subject
            && document.is_credit_note() == credit_note
            && (!credit_note || Some(document.transaction_id.as_str()) == transaction)
            && at == Some(country(&document.marketplace).as_str())
    };
    let all = || vidr.documents.iter().enumerate().filter(|(_, document)| fits(document));
    let open = all().find(|(_, document)| !document.status.ends_with("Uploaded"));
    open.or_else(|| all().next()).ok_or_else(|| match metadata.get("shippingid") {
        Some(shipping_id) => complaint(79_550, format!("The shipping id {shipping_id} is not valid.")),
        None => complaint(79_517, format!("The order id {} is not valid.", metadata.shown("orderid"))),
    })
}

fn check_number(vidr: &Vidr, place: usize, metadata: &Metadata) -> Result<(), Complaint> {
    let number = metadata.get("invoicenumber");
    let others = vidr.documents.iter().enumerate().filter(|(other, _)| *other != place);
    let used = others.map(|(_, document)| document).find(|document| document.invoice_number.as_deref() == number);
    match used {
        Some(_) => Err(complaint(79_555, format!("Duplicate invoice number {}", metadata.shown("invoicenumber")))),
        None => Ok(()),
    }
}

fn check_amounts(document: &VatDocument, metadata: &Metadata) -> Result<(), Complaint> {
    let same = |key: &str, calculated: i128| {
        let stated = metadata.get(key).and_then(amounts::parse).map(amounts::cents);
        stated == Some(amounts::cents(calculated))
    };
    if !same("totalamount", document.sums.0) {
        let (stated, calculated) = (metadata.shown("totalamount"), &document.total_amount);
        let message =
            format!("The total amount {stated} does not match the amount {calculated} calculated for this shipment.");
        return Err(complaint(79_551, message));
    }
    if !same("totalvatamount", document.sums.1) {
        let (stated, calculated) = (metadata.shown("totalvatamount"), &document.total_vat_amount);
        let message = format!(
            "The total VAT amount {stated} does not match the VAT amount {calculated} calculated for this shipment."
        );
        return Err(complaint(79_552, message));
    }
    Ok(())
}

/// The processing report: plain text with tabs.
pub(crate) fn processing_report(complaint: Option<&Complaint>) -> String {
    let successful = u8::from(complaint.is_none());
    let mut text = format!(
        "Feed Processing Summary:\n\tNumber of records processed\t\t1\n\tNumber of records successful\t\t{successful}\n"
    );
    if let Some(Complaint { code, message }) = complaint {
        text.push_str("\noriginal-record-number\tsku\terror-code\terror-type\terror-message\n");
        // Writing into a string does not fail.
        let _ = writeln!(text, "1\t\t{code}\tError\t{message}");
    }
    text
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const ROWS: &str = "marketplace-id\torder-id\tshipping-id\ttransaction-id\ttransaction-type\titem-vat-incl-amount\t\
        item-vat-amount\tis-amazon-invoiced\n\
        DE\tO1\tS1\tS1\tSHIPMENT\t119.00\t19.00\tFALSE\n\
        DE\tO1\tS1\tT-1\tREFUND\t-119.00\t-19.00\tFALSE\n\
        DE\tO2\tS2\tS2\tSHIPMENT\t5.00\t0.80\tTRUE\n\
        DE\tO3\tS3\tS3\tSHIPMENT\t5.00\t0.80\tFALSE\n";
    const DE: &str = "A1PA6795UKMFR9";

    fn vidr() -> Vidr {
        let mut vidr = Vidr::default();
        vidr.add(&Bytes::from_static(ROWS.as_bytes()), Timestamp::UNIX_EPOCH).unwrap();
        vidr
    }

    fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut options: BTreeMap<_, _> = [
            ("metadata:shippingid", "S1"),
            ("metadata:invoicenumber", "INV-1"),
            ("metadata:totalamount", "119.00"),
            ("metadata:totalvatamount", "19.00"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        for (key, value) in pairs {
            options.insert((*key).to_owned(), (*value).to_owned());
        }
        options
    }

    fn judged(pairs: &[(&str, &str)], file: Option<&'static [u8]>) -> Result<usize, u32> {
        let metadata = Metadata::of(&options(pairs), true);
        let file = file.map(Bytes::from_static);
        let upload =
            Upload { metadata: &metadata, marketplace_ids: &[DE.to_owned()], file: file.as_ref(), enrolled: true };
        judge(&vidr(), &upload).map_err(|(complaint, _)| complaint.code)
    }

    /// Options, a file, and the document or the code.
    type Case<'c> = (&'c [(&'c str, &'c str)], Option<&'static [u8]>, Result<usize, u32>);

    const PDF: Option<&[u8]> = Some(b"%PDF-1.7");

    #[test]
    fn every_error_has_its_code() {
        let credit = ("metadata:documenttype", "CreditNote");
        let cases: [Case<'_>; 16] = [
            (&[], PDF, Ok(0)),
            (&[("metadata:totalamount", "119")], PDF, Ok(0)),
            (&[credit, ("metadata:transactionid", "T-1")], PDF, Ok(1)),
            (&[credit], PDF, Err(79_513)),
            (&[("metadata:invoicenumber", "")], PDF, Err(79_513)),
            (&[("metadata:documenttype", "Bill")], PDF, Err(79_531)),
            (&[], Some(b"<html>"), Err(79_503)),
            (&[], None, Err(79_540)),
            (&[credit, ("metadata:transactionid", "T-1")], None, Err(79_544)),
            (&[("metadata:shippingid", "S9")], PDF, Err(79_550)),
            (&[("metadata:shippingid", ""), ("metadata:orderid", "O9")], PDF, Err(79_517)),
            (&[("metadata:shippingid", ""), ("metadata:orderid", "O1")], PDF, Ok(0)),
            (&[("metadata:shippingid", "S2"), ("metadata:totalamount", "5.00")], PDF, Err(79_525)),
            (&[("metadata:totalamount", "119.01")], PDF, Err(79_551)),
            (&[("metadata:totalvatamount", "18.99")], PDF, Err(79_552)),
            (&[("metadata:invoicenumber", "INV\"1")], PDF, Err(79_554)),
        ];
        for (pairs, file, expected) in cases {
            assert_eq!(judged(pairs, file), expected, "{pairs:?} {file:?}");
        }
    }

    #[test]
    fn keys_need_their_prefix_and_no_certain_case() {
        let plain: BTreeMap<_, _> =
            options(&[]).into_iter().map(|(key, value)| (key.replace("metadata:", ""), value)).collect();
        assert_eq!(Metadata::of(&plain, true).0.len(), 0);
        let upper = options(&[("metadata:ShippingId", "S3")]);
        assert_eq!(Metadata::of(&upper, true).0.len(), 4);
        assert_eq!(Metadata::of(&upper, false).get("shippingid"), Some("S1"));
    }

    #[test]
    fn one_marketplace_of_the_calculation_service_is_needed_and_the_seller_must_be_enrolled() {
        let metadata = Metadata::of(&options(&[]), true);
        let code = |ids: &[&str], enrolled| {
            let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
            let file = Bytes::from_static(b"%PDF-");
            let upload = Upload { metadata: &metadata, marketplace_ids: &ids, file: Some(&file), enrolled };
            judge(&vidr(), &upload).map_err(|(complaint, _)| complaint.code)
        };
        assert_eq!(code(&[DE], true), Ok(0));
        assert_eq!(code(&[DE, "A13V1IB3VIYZZH"], true), Err(79_523));
        assert_eq!(code(&["ATVPDKIKX0DER"], true), Err(79_523));
        assert_eq!(code(&["A13V1IB3VIYZZH"], true), Err(79_550), "of another marketplace");
        assert_eq!(code(&[DE], false), Err(79_509));
    }

    #[test]
    fn a_number_of_another_document_and_a_document_that_is_there_are_refused() {
        let mut vidr = vidr();
        vidr.documents[3].invoice_number = Some("INV-1".to_owned());
        let metadata = Metadata::of(&options(&[]), true);
        let file = Bytes::from_static(b"%PDF-");
        let upload =
            Upload { metadata: &metadata, marketplace_ids: &[DE.to_owned()], file: Some(&file), enrolled: true };
        let code = |vidr: &Vidr| judge(vidr, &upload).map_err(|(complaint, _)| complaint.code);
        assert_eq!(code(&vidr), Err(79_555));
        vidr.documents[0].show("Uploaded", "");
        assert_eq!(code(&vidr), Err(79_553));
    }

    #[test]
    fn the_report_has_tabs_and_amazons_words() {
        assert!(processing_report(None).ends_with("\tNumber of records successful\t\t1\n"));
        let text = processing_report(Some(&complaint(79_513, "Please provide")));
        assert!(text.ends_with("error-message\n1\t\t79513\tError\tPlease provide\n"), "{text}");
    }
}
