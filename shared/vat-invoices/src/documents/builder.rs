//! One document, from its rows.

use std::collections::BTreeMap;

use countinghouse_domain::document::{Amounts, DocumentKind, Personal};
use countinghouse_domain::money::{Currency, MoneyError};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::DocumentKey;
use super::charges::{Charges, RawLine};
use super::treat::{Facts, treat};
use crate::country;
use crate::document::{
    Attention, Attentions, Buyer, Citations, DueDocument, InvoiceFormat, Line, Original, Place, PostalAddress,
    RateTotal, RegistrationType, Seller, TransactionType, Treatment,
};
use crate::rates;
use crate::status::{Asks, InvoiceStatus};
use crate::vidr::{Field, Row};

/// What stands once on a document, and whether a difference between rows matters.
const COMMON: [(Field, bool); 26] = [
    (Field::Marketplace, true),
    (Field::OrderId, true),
    (Field::ShippingId, true),
    (Field::TransactionType, true),
    (Field::Currency, true),
    (Field::InvoiceStatus, true),
    (Field::IsAmazonInvoiced, true),
    (Field::InvoiceNumber, true),
    (Field::SellerVatNumber, true),
    (Field::BuyerVatNumber, true),
    (Field::BuyerRegistrationType, true),
    (Field::ShipCountry, true),
    (Field::ShipFromCountry, true),
    (Field::Export, true),
    (Field::OriginalNumber, true),
    (Field::RecommendedFormat, true),
    (Field::TaxScheme, true),
    (Field::TaxResponsibility, true),
    (Field::BuyerName, false),
    (Field::BuyerCompany, false),
    (Field::BillingName, false),
    (Field::RecipientName, false),
    (Field::ShipmentDate, false),
    (Field::OrderDate, false),
    (Field::PurchaseOrder, false),
    (Field::CitationEn, false),
];

/// Texts of the file that are shown to the buyer: a lost letter is seen there.
const SHOWN: [Field; 6] = [
    Field::ProductName,
    Field::BuyerName,
    Field::BuyerCompany,
    Field::BillingName,
    Field::RecipientName,
    Field::BillAddress1,
];

/// A document that is begun.
#[derive(Debug)]
pub(super) struct Builder {
    head: Head,
    lines: Vec<RawLine>,
    attention: Attentions,
}

/// What the first row says for the whole document.
#[derive(Debug)]
struct Head {
    texts: Vec<(Field, String)>,
    key: DocumentKey,
    currency: Currency,
    order_date: Option<Date>,
    shipment_date: Option<Date>,
    is_amazon_invoiced: Option<bool>,
    is_business_order: Option<bool>,
    is_buyer_present: Option<bool>,
    is_seller_present: Option<bool>,
    is_export: Option<bool>,
    is_corrected: Option<bool>,
}

impl Head {
    fn text(&self, field: Field) -> &str {
        self.texts.iter().find(|(each, _)| *each == field).map_or("", |(_, text)| text)
    }

    fn personal(&self, field: Field) -> Personal {
        self.text(field).into()
    }

    fn lines(&self, fields: [Field; 3]) -> Vec<Personal> {
        fields.into_iter().map(|field| self.personal(field)).filter(|line| !line.is_empty()).collect()
    }
}

impl Builder {
    pub(super) fn new(row: &Row<'_>, key: DocumentKey) -> Self {
        let texts = Field::ALL.iter().map(|field| (*field, row.text(*field)));
        let texts = texts.filter(|(_, text)| !text.is_empty()).map(|(field, text)| (field, text.to_owned())).collect();
        let values = row.values;
        let head = Head {
            texts,
            key,
            currency: values.currency,
            order_date: values.order_date,
            shipment_date: values.shipment_date,
            is_amazon_invoiced: values.is_amazon_invoiced,
            is_business_order: values.is_business_order,
            is_buyer_present: values.is_buyer_present,
            is_seller_present: values.is_seller_present,
            is_export: values.is_export,
            is_corrected: values.is_corrected,
        };
        Self { head, lines: Vec::new(), attention: Attentions::default() }
    }

    pub(super) fn add(&mut self, row: &Row<'_>) {
        for (field, matters) in COMMON {
            if row.text(field) != self.head.text(field) {
                let column = field.name().to_owned();
                self.attention.add(Attention::RowsDisagree { line: row.line, column, matters });
            }
        }
        for field in SHOWN {
            if row.text(field).contains('\u{fffd}') {
                self.attention.add(Attention::DamagedText { line: row.line, column: field.name().to_owned() });
            }
        }
        // No row that is seen has none; a lump sum counts as one piece.
        let quantity = row.values.quantity.and_then(i64::checked_abs).filter(|quantity| *quantity > 0).unwrap_or(1);
        let line = Line {
            source_line: row.line,
            order_item_id: row.text(Field::OrderItemId).to_owned(),
            sku: row.text(Field::Sku).to_owned(),
            asin: row.text(Field::Asin).to_owned(),
            title: row.text(Field::ProductName).to_owned(),
            quantity,
            price_designation: row.text(Field::PriceDesignation).to_owned(),
            charges: Vec::new(),
        };
        let promotion_ids = [Field::ItemPromotionId, Field::GiftPromotionId, Field::ShippingPromotionId];
        let promotion_ids = promotion_ids.map(|field| row.text(field).to_owned());
        self.lines.push(RawLine { line, promotion_ids, charges: row.values.charges.clone() });
    }

    pub(super) fn finish(self) -> Result<DueDocument, MoneyError> {
        let Self { head, lines, mut attention } = self;
        let status = InvoiceStatus::of(head.text(Field::InvoiceStatus));
        let charges = Charges::read(head.key.kind, lines, &mut attention)?;
        let citations = citations(&head);
        let (treatment, tax_country) = treatment(&head, &status, &charges.rates, &citations);
        let by_rate = rate_totals(&charges.lines, treatment)?;
        let mut document = DueDocument {
            kind: head.key.kind,
            transaction_type: head.key.transaction_type,
            order_id: head.text(Field::OrderId).to_owned(),
            shipping_id: head.text(Field::ShippingId).to_owned(),
            transaction_id: head.text(Field::TransactionId).to_owned(),
            status_description: head.text(Field::InvoiceStatusDescription).to_owned(),
            is_amazon_invoiced: head.is_amazon_invoiced,
            uploaded_number: head.text(Field::InvoiceNumber).to_owned(),
            marketplace: country::normalized(head.text(Field::Marketplace)),
            fulfilled_by: head.text(Field::FulfilledBy).to_owned(),
            currency: head.currency,
            order_date: head.order_date,
            shipment_date: head.shipment_date,
            seller: Seller {
                vat_number: head.text(Field::SellerVatNumber).to_owned(),
                is_established: head.is_seller_present,
            },
            buyer: buyer(&head),
            bill_to: bill_to(&head),
            ship_to: ship_to(&head),
            ship_from: ship_from(&head),
            purchase_order: head.personal(Field::PurchaseOrder),
            is_business_order: head.is_business_order,
            lines: charges.lines,
            total: charges.total,
            by_rate,
            as_reported: charges.as_reported,
            treatment,
            tax_country,
            citations,
            original: original(&head),
            correction: (head.is_corrected == Some(true)).then(|| head.text(Field::CorrectionDetails).to_owned()),
            recommended_format: match head.text(Field::RecommendedFormat) {
                text if text.eq_ignore_ascii_case("XML") => InvoiceFormat::Xml,
                _ => InvoiceFormat::Pdf,
            },
            status,
            attention,
        };
        for line in &mut document.lines {
            for charge in &mut line.charges {
                charge.category = treatment.category(charge.rate);
            }
        }
        check(&mut document, &head);
        Ok(document)
    }
}

fn buyer(head: &Head) -> Buyer {
    Buyer {
        name: head.personal(Field::BuyerName),
        company: head.personal(Field::BuyerCompany),
        vat_number: head.personal(Field::BuyerVatNumber),
        registration_type: RegistrationType::of(head.text(Field::BuyerRegistrationType)),
        is_established: head.is_buyer_present,
        e_invoice_account: head.personal(Field::BuyerEInvoiceAccount),
    }
}

fn bill_to(head: &Head) -> PostalAddress {
    PostalAddress {
        name: head.personal(Field::BillingName),
        lines: head.lines([Field::BillAddress1, Field::BillAddress2, Field::BillAddress3]),
        city: head.personal(Field::BillCity),
        state: head.personal(Field::BillState),
        postal_code: head.personal(Field::BillPostalCode),
        country: country::normalized(head.text(Field::BillCountry)),
        phone: head.personal(Field::BillPhone),
    }
}

fn ship_to(head: &Head) -> PostalAddress {
    PostalAddress {
        name: head.personal(Field::RecipientName),
        lines: head.lines([Field::ShipAddress1, Field::ShipAddress2, Field::ShipAddress3]),
        city: head.personal(Field::ShipCity),
        state: head.personal(Field::ShipState),
        postal_code: head.personal(Field::ShipPostalCode),
        country: country::normalized(head.text(Field::ShipCountry)),
        phone: head.personal(Field::ShipPhone),
    }
}

fn ship_from(head: &Head) -> Place {
    Place {
        country: country::normalized(head.text(Field::ShipFromCountry)),
        state: head.personal(Field::ShipFromState),
        city: head.personal(Field::ShipFromCity),
        postal_code: head.personal(Field::ShipFromPostalCode),
    }
}

fn citations(head: &Head) -> Citations {
    Citations {
        en: head.text(Field::CitationEn).to_owned(),
        de: head.text(Field::CitationDe).to_owned(),
        es: head.text(Field::CitationEs).to_owned(),
        fr: head.text(Field::CitationFr).to_owned(),
        it: head.text(Field::CitationIt).to_owned(),
    }
}

/// A credit note always has an original; an invoice has one when it corrects another.
fn original(head: &Head) -> Option<Original> {
    let number = head.text(Field::OriginalNumber);
    let refers = head.key.kind == DocumentKind::CreditNote || head.is_corrected == Some(true) || !number.is_empty();
    refers.then(|| Original {
        number: number.to_owned(),
        issued_on: None,
        shipping_id: head.text(Field::ShippingId).to_owned(),
    })
}

fn treatment(head: &Head, status: &InvoiceStatus, rates: &[Decimal], citations: &Citations) -> (Treatment, String) {
    let [marketplace, ship_from, ship_to] = [Field::Marketplace, Field::ShipFromCountry, Field::ShipCountry]
        .map(|field| country::normalized(head.text(field)));
    let buyer = buyer(head);
    treat(&Facts {
        marketplace: &marketplace,
        ship_from: &ship_from,
        ship_to: &ship_to,
        seller_vat: country::of_vat_number(head.text(Field::SellerVatNumber)),
        seller_is_established: head.is_seller_present,
        buyer_vat: buyer.vat_country(),
        buyer_is_business: buyer.is_registered_business(),
        export: head.is_export,
        scheme: head.text(Field::TaxScheme),
        responsibility: head.text(Field::TaxResponsibility),
        citations,
        no_tax_calculated: status.word() == "NoTaxCalculated",
        rates,
    })
}

fn rate_totals(lines: &[Line], treatment: Treatment) -> Result<Vec<RateTotal>, MoneyError> {
    let mut totals: BTreeMap<(Decimal, _), Amounts> = BTreeMap::new();
    for charge in lines.iter().flat_map(|line| &line.charges) {
        let total = totals.entry((charge.rate, treatment.category(charge.rate))).or_insert(Amounts::ZERO);
        *total = total.plus(charge.amounts)?;
    }
    Ok(totals.into_iter().map(|((rate, category), total)| RateTotal { category, rate, total }).collect())
}

/// What concerns the whole document. What is not ours is not looked at.
fn check(document: &mut DueDocument, head: &Head) {
    let mut found = Vec::new();
    if let InvoiceStatus::Unknown(value) = &document.status {
        found.push(Attention::UnknownStatus { value: value.chars().take(40).collect() });
    }
    if document.transaction_type == TransactionType::Unknown {
        let value = head.text(Field::TransactionType).chars().take(40).collect();
        found.push(Attention::UnknownTransactionType { line: document.source_lines().0, value });
    } else if document.status.facts().and_then(|facts| facts.kind).is_some_and(|kind| kind != document.kind) {
        found.push(Attention::StatusOfOtherKind);
    }
    if document.treatment == Treatment::NotCalculated {
        found.push(Attention::NoTaxCalculated);
    } else if document.treatment == Treatment::Unexplained && document.total.vat.is_zero() && !document.total.is_zero()
    {
        found.push(Attention::ZeroRateUnexplained);
    }
    // Told by a sentence alone; a column that says it leaves no doubt.
    let said_by_column = [Field::TaxScheme, Field::TaxResponsibility].iter().any(|field| !head.text(*field).is_empty());
    let due = matches!(document.status.asks(), Asks::Upload | Asks::UploadAgain);
    if document.treatment == Treatment::DeemedSupply && due && !said_by_column {
        found.push(Attention::DeemedSupplyButDue);
    }
    if document.status.asks() == Asks::UploadAgain && document.uploaded_number.is_empty() {
        found.push(Attention::NumberOfRejectedUnknown);
    }
    if head.key.identity.is_empty() {
        found.push(Attention::IdentityMissing);
    }
    if document.supplied_on().is_none() {
        found.push(Attention::DateMissing);
    }
    if document.seller.vat_number.is_empty() {
        found.push(Attention::SellerNumberMissing);
    }
    if document.invoice_name().is_empty() {
        found.push(Attention::BuyerMissing);
    }
    if document.original.as_ref().is_some_and(|original| original.number.is_empty()) {
        found.push(Attention::OriginalUnknown);
    }
    found.extend(unusual_rates(document));
    for attention in found {
        document.attention.add(attention);
    }
}

fn unusual_rates(document: &DueDocument) -> Vec<Attention> {
    let country = &document.tax_country;
    if !rates::has_country(country) {
        return Vec::new();
    }
    let unusual = document.lines.iter().flat_map(|line| line.charges.iter().map(move |charge| (line, charge.rate)));
    let unusual = unusual.filter(|(_, rate)| !rate.is_zero() && !rates::is_known(country, *rate));
    unusual
        .map(|(line, rate)| Attention::RateUnusual { line: line.source_line, rate, country: country.clone() })
        .collect()
}
