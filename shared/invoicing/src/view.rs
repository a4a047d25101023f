//! What the page shows: texts, ready to be set. The template decides only where and how.

mod address;
mod facts;
mod rows;
mod totals;

use countinghouse_domain::document::DocumentKind;
use countinghouse_vat_invoices::document::{DueDocument, InvoiceFormat, Treatment};
use serde::Serialize;

use crate::clean::Cleaner;
use crate::einvoice::Material;
use crate::issue::Issue;
use crate::labels::{Labels, Vocabulary, fill};
use crate::language::Language;
use crate::profile::Profile;

/// Up to so many lines a document is tried as one page.
const LINES_OF_A_PAGE: usize = 12;

/// The data of the template.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    /// Whether the document is set as one page: then nothing waits for the number of pages, and it is done in half the
    /// time. If it turns out longer, it is set again.
    pub(crate) one_page: bool,
    language: &'static str,
    region: Option<String>,
    title: String,
    /// The title of the file, for readers aloud and for tabs.
    file_title: String,
    number: String,
    issued: [i16; 3],
    reference: String,
    notices: Vec<String>,
    color: String,
    logo: Option<LogoView>,
    seller: SellerView,
    sender: String,
    recipient: Vec<String>,
    /// In points: a long address is set smaller, so that it stays in the window.
    recipient_size: f32,
    facts: Vec<[String; 2]>,
    delivery: Option<DeliveryView>,
    labels: Labels,
    amounts_in: String,
    rows: Vec<rows::Row>,
    rates: Vec<[String; 2]>,
    net: String,
    total_label: String,
    total: String,
    paid_label: String,
    paid: String,
    due: String,
    notes: Vec<String>,
    small_print: String,
    footer: Vec<Vec<String>>,
    last_line: String,
}

#[derive(Debug, Serialize)]
struct LogoView {
    file: String,
    height: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct SellerView {
    name: String,
    /// What stands beside the logo, or for it.
    brand: String,
}

#[derive(Debug, Serialize)]
struct DeliveryView {
    label: String,
    lines: Vec<String>,
}

/// What all parts of the page need.
struct Page<'a> {
    document: &'a DueDocument,
    issue: &'a Issue,
    profile: &'a Profile,
    vocabulary: &'a Vocabulary,
    labels: &'a Labels,
    language: Language,
    cleaner: &'a Cleaner<'a>,
}

impl View {
    /// The page of a document.
    pub(crate) fn new(material: &Material<'_>, cleaner: &Cleaner<'_>) -> Self {
        let &Material { document, issue, profile, vocabulary, labels, language } = material;
        let page = Page { document, issue, profile, vocabulary, labels, language, cleaner };
        let title = page.title().to_owned();
        let number = cleaner.text(&issue.number);
        let totals = totals::totals(&page);
        let recipient = address::recipient(&page);
        Self {
            one_page: document.lines.len() <= LINES_OF_A_PAGE,
            language: language.code(),
            region: region(&document.marketplace),
            file_title: format!("{title} {number}"),
            title,
            issued: [issue.issued_on.year(), issue.issued_on.month().into(), issue.issued_on.day().into()],
            reference: page.reference(),
            notices: page.notices(),
            color: profile.color.clone(),
            logo: page.logo(),
            seller: page.seller(),
            sender: address::sender(&page),
            recipient_size: address::size(&recipient),
            recipient,
            facts: facts::facts(&page),
            delivery: address::delivery(&page),
            labels: labels.clone(),
            amounts_in: fill(&labels.amounts_in, &[("currency", document.currency.code())]),
            rows: rows::rows(&page),
            rates: totals.rates,
            net: totals.net,
            total_label: totals.total_label,
            total: totals.total,
            paid_label: totals.paid_label,
            paid: totals.paid,
            due: totals.due,
            notes: page.notes(),
            small_print: cleaner.text(profile.small_print(language)),
            footer: address::footer(&page),
            last_line: cleaner.text(profile.footer(language)),
            number,
        }
    }
}

impl Page<'_> {
    fn is_credit(&self) -> bool {
        self.document.kind == DocumentKind::CreditNote
    }

    fn title(&self) -> &str {
        match (self.document.kind, &self.document.correction, &self.document.original) {
            (DocumentKind::CreditNote, _, _) => &self.labels.credit_note,
            (DocumentKind::Invoice, Some(_), Some(_)) => &self.labels.corrected_invoice,
            (DocumentKind::Invoice, _, _) => &self.labels.invoice,
        }
    }

    /// The invoice that is credited or replaced, if its number is known.
    fn reference(&self) -> String {
        let Some(original) = self.document.original.as_ref().filter(|original| !original.number.is_empty()) else {
            return String::new();
        };
        let number = self.cleaner.text(&original.number);
        match original.issued_on {
            _ if !self.is_credit() => fill(&self.labels.replaces_invoice, &[("number", &number)]),
            None => fill(&self.labels.to_invoice, &[("number", &number)]),
            Some(day) => fill(&self.labels.to_invoice_of, &[("number", &number), ("date", &self.language.date(day))]),
        }
    }

    /// What must be seen first: that this is a duplicate. In Italian, and in the language of the page.
    fn notices(&self) -> Vec<String> {
        if self.document.recommended_format != InvoiceFormat::Xml {
            return Vec::new();
        }
        duplicate(self.vocabulary, self.labels, self.language)
    }

    fn logo(&self) -> Option<LogoView> {
        let logo = self.profile.logo.as_ref()?;
        Some(LogoView {
            file: format!("logo.{}", logo.format.extension()),
            height: format!("{}mm", logo.height_mm),
            name: self.cleaner.text(&self.profile.seller.name),
        })
    }

    fn seller(&self) -> SellerView {
        let seller = &self.profile.seller;
        let brand = if seller.trading_name.is_empty() { &seller.name } else { &seller.trading_name };
        SellerView { name: self.cleaner.text(&seller.name), brand: self.cleaner.text(brand) }
    }

    /// The sentences under the totals: why the VAT is what it is, and what was corrected.
    fn notes(&self) -> Vec<String> {
        let document = self.document;
        let mut notes = vec![self.cleaner.text(&tax_sentence(document, self.vocabulary, self.labels, self.language))];
        notes.push(self.cleaner.text(document.correction.as_deref().unwrap_or_default()));
        notes.retain(|note| !note.is_empty());
        notes
    }
}

/// The marketplace where it is the code of a country; the typesetter takes nothing else.
fn region(marketplace: &str) -> Option<String> {
    let is_code = marketplace.len() == 2 && marketplace.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| marketplace.to_owned())
}

/// The notice of a duplicate, in Italian and in the language of the page.
pub(crate) fn duplicate(vocabulary: &Vocabulary, labels: &Labels, language: Language) -> Vec<String> {
    let mut notices = Vec::new();
    if language != Language::It
        && let Ok(italian) = vocabulary.labels(Language::It, None)
    {
        notices.push(italian.duplicate);
    }
    notices.push(labels.duplicate.clone());
    notices
}

/// Amazon's sentence where it has one in that language, otherwise ours, otherwise Amazon's in English; empty for an
/// ordinary domestic sale.
pub(crate) fn tax_sentence(
    document: &DueDocument,
    vocabulary: &Vocabulary,
    labels: &Labels,
    language: Language,
) -> String {
    let citations = &document.citations;
    let own = match language {
        Language::En => citations.en.as_str(),
        Language::De => &citations.de,
        Language::Fr => &citations.fr,
        Language::It => &citations.it,
        Language::Es => &citations.es,
        Language::Nl | Language::Pl | Language::Sv => "",
    };
    if !own.trim().is_empty() {
        return own.to_owned();
    }
    match document.treatment {
        Treatment::IntraCommunity => labels.intra_community.clone(),
        Treatment::ReverseCharge => labels.reverse_charge.clone(),
        Treatment::Export => labels.export.clone(),
        Treatment::Oss if !document.tax_country.is_empty() => {
            fill(&labels.one_stop_shop, &[("country", vocabulary.country(&document.tax_country, language))])
        }
        Treatment::Domestic
        | Treatment::Oss
        | Treatment::DeemedSupply
        | Treatment::NotCalculated
        | Treatment::Unexplained => citations.in_language(language.code()).to_owned(),
    }
}
