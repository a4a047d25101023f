//! A document as an invoice of EN 16931. Every amount is Amazon's: nothing is multiplied, divided into rates or rounded
//! here, and the sums are checked before and after.

pub(crate) mod lines;
mod party;

use countinghouse_domain::document::{Amounts, DocumentKind};
use countinghouse_vat_invoices::document::{DueDocument, InvoiceFormat, VatCategory};
use en16931::invoice::{
    Code, Delivery, DocumentTotals, Invoice, InvoiceNote, PaymentInstructions, PrecedingInvoice, VatBreakdown,
};
use en16931::profiles::{EN16931, En16931, XRECHNUNG, XRechnung};
use en16931::validation::profile::Rejected;
use en16931::{Date, DocumentReference, InvoiceAmount, Percentage, Validated};
use en16931_formats::Syntax;
use rust_decimal::Decimal;

use crate::clean::xml;
use crate::error::RenderError;
use crate::issue::Issue;
use crate::labels::{Labels, Vocabulary};
use crate::language::Language;
use crate::profile::{Profile, XRechnungSyntax};
use crate::view;

/// Billing in the words of Peppol: an XRechnung must name its process, and it harms nobody else.
const PROCESS: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";
/// UNTDID 4461: paid through an online payment service.
const PAID_ONLINE: &str = "68";
/// The longest text that is written into the XML.
pub(crate) const LONGEST: usize = 2_000;

/// What the XML needs to know.
pub(crate) struct Material<'a> {
    pub(crate) document: &'a DueDocument,
    pub(crate) issue: &'a Issue,
    pub(crate) profile: &'a Profile,
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) labels: &'a Labels,
    pub(crate) language: Language,
}

/// The XML that goes into the PDF: Cross Industry Invoice, proven to keep the rules of EN 16931.
pub(crate) fn factur_x(material: &Material<'_>) -> Result<Vec<u8>, RenderError> {
    let proof: Validated<En16931> = Validated::new(invoice(material)?).map_err(|rejected| broken(&rejected))?;
    Ok(en16931_formats::write(&proof, Syntax::Cii).xml.into_bytes())
}

/// The same as an XRechnung; none where it is impossible, with the reason.
pub(crate) fn xrechnung(material: &Material<'_>) -> Result<Result<Vec<u8>, String>, RenderError> {
    let mut invoice = invoice(material)?;
    let Some(data) = &material.profile.xrechnung else {
        return Ok(Err("the profile has no section xrechnung".to_owned()));
    };
    let Some(address) = party::buyer_electronic_address(material.document) else {
        return Ok(Err("the buyer has no VAT number, so no electronic address is known".to_owned()));
    };
    invoice.specification_id = Some(XRECHNUNG.specification_id.to_owned());
    invoice.buyer.electronic_address = Some(address);
    invoice.seller.contact.name = Some(xml(&data.contact_name, LONGEST));
    invoice.seller.contact.phone = Some(xml(&data.contact_phone, LONGEST));
    invoice.seller.contact.email = Some(xml(&data.contact_email, LONGEST));
    invoice.seller.electronic_address =
        Some(en16931::Identifier::schemed(data.electronic_address.trim(), &data.electronic_address_scheme));
    let proof: Validated<XRechnung> = match Validated::new(invoice) {
        Ok(proof) => proof,
        Err(rejected) => return Ok(Err(broken(&rejected).to_string())),
    };
    let syntax = match data.syntax {
        XRechnungSyntax::Cii => Syntax::Cii,
        XRechnungSyntax::Ubl => Syntax::Ubl,
    };
    Ok(Ok(en16931_formats::write(&proof, syntax).xml.into_bytes()))
}

fn broken(rejected: &Rejected) -> RenderError {
    RenderError::Rules(
        rejected.report().fatal().map(|finding| format!("{} {}", finding.rule, finding.message)).collect(),
    )
}

fn invoice(material: &Material<'_>) -> Result<Invoice, RenderError> {
    let (document, labels) = (material.document, material.labels);
    let lines = lines::lines(material)?;
    let promotions = lines::promotions(material)?;
    let kind = match document.kind {
        DocumentKind::Invoice => en16931::DocumentKind::Invoice,
        DocumentKind::CreditNote => en16931::DocumentKind::CreditNote,
    };
    let reference = |text: &str| Some(xml(text, LONGEST)).filter(|text| !text.is_empty()).map(DocumentReference::new);
    let mut invoice = Invoice::default();
    invoice.kind = kind;
    invoice.specification_id = Some(EN16931.specification_id.to_owned());
    invoice.business_process = Some(PROCESS.to_owned());
    invoice.number = Some(xml(&material.issue.number, LONGEST));
    invoice.issue_date = Some(date(material.issue.issued_on)?);
    invoice.type_code = Some(Code::new(type_code(document)));
    invoice.currency = Some(Code::new(document.currency.code()));
    invoice.buyer_reference = Some(xml(buyer_reference(document), LONGEST)).filter(|text| !text.is_empty());
    invoice.purchase_order_reference = reference(document.purchase_order.expose());
    invoice.sales_order_reference = reference(&document.order_id);
    invoice.despatch_advice_reference = reference(&document.shipping_id);
    invoice.notes = notes(material);
    invoice.preceding_invoices = preceding(document)?;
    invoice.seller = party::seller(material)?;
    invoice.buyer = party::buyer(material);
    invoice.delivery = delivery(material)?;
    invoice.payment = Some(PaymentInstructions {
        means_code: Some(Code::new(PAID_ONLINE)),
        means_text: Some(if document.kind == DocumentKind::Invoice { &labels.paid } else { &labels.refunded }.clone()),
        ..PaymentInstructions::default()
    });
    invoice.vat_breakdown = breakdown(material)?;
    invoice.totals = totals(document, &lines, &promotions)?;
    invoice.allowances = promotions.allowances;
    invoice.charges = promotions.charges;
    invoice.lines = lines;
    Ok(invoice)
}

/// UNTDID 1001: a corrected invoice has a code of its own where the invoice that it replaces is known.
fn type_code(document: &DueDocument) -> &'static str {
    let original = document.original.as_ref().is_some_and(|original| !original.number.is_empty());
    match document.kind {
        DocumentKind::CreditNote => "381",
        DocumentKind::Invoice if document.correction.is_some() && original => "384",
        DocumentKind::Invoice => "380",
    }
}

/// What the buyer knows the purchase by: its own number, or the order at Amazon.
fn buyer_reference(document: &DueDocument) -> &str {
    if document.purchase_order.is_empty() { &document.order_id } else { document.purchase_order.expose() }
}

fn notes(material: &Material<'_>) -> Vec<InvoiceNote> {
    let (document, labels) = (material.document, material.labels);
    let mut notes = vec![view::tax_sentence(document, material.vocabulary, labels, material.language)];
    notes.push(document.correction.clone().unwrap_or_default());
    if document.recommended_format == InvoiceFormat::Xml {
        notes.extend(view::duplicate(material.vocabulary, labels, material.language));
    }
    notes.iter().map(|note| xml(note, LONGEST)).filter(|note| !note.is_empty()).map(InvoiceNote::new).collect()
}

fn preceding(document: &DueDocument) -> Result<Vec<PrecedingInvoice>, RenderError> {
    let original = document.original.as_ref().filter(|original| !original.number.trim().is_empty());
    let invoice = original.map(|original| {
        Ok::<_, RenderError>(PrecedingInvoice {
            reference: DocumentReference::new(xml(&original.number, LONGEST)),
            issue_date: original.issued_on.map(date).transpose()?,
        })
    });
    Ok(invoice.transpose()?.into_iter().collect())
}

fn delivery(material: &Material<'_>) -> Result<Option<Delivery>, RenderError> {
    let ship_to = &material.document.ship_to;
    // The law wants the day and the country of a supply within the Union, so what is missing is taken from the invoice.
    let day = material.document.supplied_on().unwrap_or(material.issue.issued_on);
    let (name, address) =
        if ship_to.country.is_empty() { (None, None) } else { (Some(ship_to.name.expose()), Some(ship_to)) };
    Ok(Some(Delivery {
        party_name: name.map(|name| xml(name, LONGEST)).filter(|name| !name.is_empty()),
        location: None,
        date: Some(date(day)?),
        address: address.map(|address| party::address(address, &material.document.marketplace)),
    }))
}

fn breakdown(material: &Material<'_>) -> Result<Vec<VatBreakdown>, RenderError> {
    let document = material.document;
    let reason = || view::tax_sentence(document, material.vocabulary, material.labels, material.language);
    let groups = document.by_rate.iter().map(|group| {
        let code = match group.category {
            VatCategory::Standard | VatCategory::Zero => None,
            VatCategory::ReverseCharge => Some("VATEX-EU-AE"),
            VatCategory::IntraCommunity => Some("VATEX-EU-IC"),
            VatCategory::Export => Some("VATEX-EU-G"),
            VatCategory::NotSubject => Some("VATEX-EU-O"),
        };
        Ok(VatBreakdown {
            taxable_amount: amount(group.total.net, document)?,
            tax_amount: amount(group.total.vat, document)?,
            category: Code::new(group.category.code()),
            rate: percentage(group.category, group.rate),
            exemption_reason: code.map(|_| xml(&reason(), LONGEST)).filter(|reason| !reason.is_empty()),
            exemption_reason_code: code.map(Code::new),
        })
    });
    groups.collect()
}

/// The rate; what is not subject to VAT has none, not even zero.
fn percentage(category: VatCategory, rate: Decimal) -> Option<Percentage> {
    if category == VatCategory::NotSubject { None } else { Percentage::from_fraction(rate) }
}

fn totals(
    document: &DueDocument,
    lines: &[en16931::invoice::InvoiceLine],
    promotions: &lines::Promotions,
) -> Result<DocumentTotals, RenderError> {
    let sum = |amounts: &mut dyn Iterator<Item = InvoiceAmount>| {
        InvoiceAmount::checked_sum(amounts).map_err(|error| RenderError::Sums(error.to_string()))
    };
    let Amounts { gross, vat, net } = document.total;
    if net.checked_add(vat) != Some(gross) {
        return Err(RenderError::Sums(format!("{net} net and {vat} VAT are not {gross}")));
    }
    let gross_total = amount(gross, document)?;
    let total = |amount: InvoiceAmount| Some(amount).filter(|amount| !amount.is_zero());
    Ok(DocumentTotals {
        line_total: sum(&mut lines.iter().map(|line| line.net_amount))?,
        allowance_total: total(sum(&mut promotions.allowances.iter().map(|each| each.amount))?),
        charge_total: total(sum(&mut promotions.charges.iter().map(|each| each.amount))?),
        taxable_total: amount(net, document)?,
        vat_total: Some(amount(vat, document)?),
        vat_total_accounting: None,
        gross_total,
        paid: Some(gross_total),
        rounding: None,
        due: InvoiceAmount::from_minor_units(0),
    })
}

fn amount(amount: Decimal, document: &DueDocument) -> Result<InvoiceAmount, RenderError> {
    InvoiceAmount::from_decimal_exact(amount.normalize())
        .map_err(|_too_fine| RenderError::TooFine { line: document.source_lines().0, amount: amount.to_string() })
}

fn date(day: jiff::civil::Date) -> Result<Date, RenderError> {
    Date::parse(&day.to_string()).map_err(|error| RenderError::Sums(error.to_string()))
}
