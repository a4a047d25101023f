//! One document in, PDF and XML out.

use std::fmt;

use countinghouse_vat_invoices::document::{DueDocument, InvoiceFormat, Treatment};
use countinghouse_vat_invoices::status::Asks;

use crate::clean::{Caution, Cleaner};
use crate::einvoice::{self, Material};
use crate::error::RenderError;
use crate::fattura_pa;
use crate::issue::Issue;
use crate::labels::Vocabulary;
use crate::language::Language;
use crate::pdf::{self, Parts, Pdf};
use crate::profile::{Profile, XRechnungSyntax, XRechnungWhen};
use crate::view::View;
use crate::world::Studio;

/// A finished document.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// PDF/A-3b with the XML of EN 16931 inside, as `factur-x.xml`.
    pub pdf: Vec<u8>,
    /// The XML that goes to the buyer or to an authority beside the PDF; which one, [`Self::xml_kind`] says.
    pub xml: Vec<u8>,
    /// What the XML is.
    pub xml_kind: XmlKind,
    /// How many pages the PDF has.
    pub pages: usize,
    /// The language of the page.
    pub language: Language,
    /// What was proven while it was made, and what a person should know.
    pub checks: Vec<Check>,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages, {} bytes, {}", self.pages, self.pdf.len(), self.xml_kind.name())
    }
}

/// The kinds of XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum XmlKind {
    /// The one that is in the PDF too: Factur-X / ZUGFeRD, profile EN 16931.
    FacturX,
    /// XRechnung 3.0 as Cross Industry Invoice.
    XRechnungCii,
    /// XRechnung 3.0 as UBL.
    XRechnungUbl,
    /// FatturaPA 1.2, to be sent to the Sistema di Interscambio: the true invoice, of which the PDF is a duplicate.
    FatturaPa,
}

impl XmlKind {
    /// A stable name for tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FacturX => "factur-x",
            Self::XRechnungCii => "xrechnung-cii",
            Self::XRechnungUbl => "xrechnung-ubl",
            Self::FatturaPa => "fattura-pa",
        }
    }
}

/// Something that was looked at while a document was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// A stable name: `pdf-a-3b`, `en-16931`, `xrechnung`, `fattura-pa`, `signs`, `template`.
    pub name: &'static str,
    /// Whether all is well; otherwise a person should know, though the document is good.
    pub passed: bool,
    /// What was found.
    pub text: String,
}

impl Check {
    fn passed(name: &'static str, text: &str) -> Self {
        Self { name, passed: true, text: text.to_owned() }
    }

    fn noted(name: &'static str, text: String) -> Self {
        Self { name, passed: false, text }
    }
}

/// Makes documents. It holds the fonts and the template, so make one and keep it; it can be shared between threads.
pub struct Renderer {
    studio: Studio,
    vocabulary: Vocabulary,
}

impl Renderer {
    /// Loads fonts, words and template, which are part of the program: a few milliseconds.
    pub fn new() -> Result<Self, RenderError> {
        Ok(Self { studio: Studio::new()?, vocabulary: Vocabulary::load()? })
    }

    /// Makes the PDF and the XML of a document. The same document, issue and profile give the same bytes.
    pub fn render(&self, document: &DueDocument, issue: &Issue, profile: &Profile) -> Result<Rendered, RenderError> {
        refuse(document)?;
        let postal_code = document.invoice_address().postal_code.expose();
        let language = profile.language(&document.marketplace, postal_code);
        let labels = self.vocabulary.labels(language, profile.words(language))?;
        let material = Material { document, issue, profile, vocabulary: &self.vocabulary, labels: &labels, language };
        let embedded = einvoice::factur_x(&material)?;
        let mut checks = vec![Check::passed("en-16931", "the XML keeps all rules of EN 16931")];
        let pdf = self.page(&material, &embedded, &mut checks)?;
        let (xml, xml_kind) = beside(&material, embedded, &mut checks)?;
        Ok(Rendered { pdf: pdf.bytes, xml, xml_kind, pages: pdf.pages, language, checks })
    }

    /// The PDF; where PDF/A refuses signs of the usual page, with fewer of them.
    fn page(&self, material: &Material<'_>, xml: &[u8], checks: &mut Vec<Check>) -> Result<Pdf, RenderError> {
        let mut refused = None;
        for caution in Caution::ALL {
            let cleaner = Cleaner::new(&self.studio.fonts, caution);
            match self.set(View::new(material, &cleaner), material, xml) {
                Ok(pdf) => {
                    checks.push(Check::passed("pdf-a-3b", "the PDF was written under the rules of PDF/A-3b"));
                    if cleaner.replaced.get() > 0 {
                        let text = format!("{} signs that no font has were replaced", cleaner.replaced.get());
                        checks.push(Check::noted("signs", text));
                    }
                    checks.extend(pdf.warnings.iter().map(|warning| Check::noted("template", warning.clone())));
                    return Ok(pdf);
                }
                Err(error @ RenderError::Refused(_)) => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(refused.unwrap_or_else(|| RenderError::Refused(String::new())))
    }

    /// Sets the page, and once more if it is longer than one page against expectation.
    fn set(&self, mut view: View, material: &Material<'_>, xml: &[u8]) -> Result<Pdf, RenderError> {
        loop {
            let data = serde_json::to_vec(&view).map_err(|error| RenderError::Template(error.to_string()))?;
            let (issue, logo) = (material.issue, material.profile.logo.as_ref());
            let one_page = view.one_page;
            let parts = Parts { data, xml, logo, number: &issue.number, issued_on: issue.issued_on, one_page };
            match pdf::make(&self.studio, parts)? {
                Some(pdf) => return Ok(pdf),
                None => view.one_page = false,
            }
        }
    }
}

/// The XML beside the PDF: FatturaPA where Amazon recommends XML, XRechnung where the seller asks for it, otherwise
/// the one that is in the PDF.
fn beside(
    material: &Material<'_>,
    embedded: Vec<u8>,
    checks: &mut Vec<Check>,
) -> Result<(Vec<u8>, XmlKind), RenderError> {
    if material.document.recommended_format == InvoiceFormat::Xml {
        let fattura = fattura_pa::write(material)?;
        checks.push(Check::passed("fattura-pa", "send the FatturaPA to the Sistema di Interscambio"));
        checks.extend(fattura.notes.into_iter().map(|note| Check::noted("fattura-pa", note)));
        return Ok((fattura.xml, XmlKind::FatturaPa));
    }
    let wanted = material.profile.xrechnung.as_ref().filter(|data| match data.when {
        XRechnungWhen::Never => false,
        XRechnungWhen::Business => material.document.is_business(),
        XRechnungWhen::All => true,
    });
    let Some(data) = wanted else { return Ok((embedded, XmlKind::FacturX)) };
    match einvoice::xrechnung(material)? {
        Ok(xml) => {
            checks.push(Check::passed("xrechnung", "the XRechnung keeps all rules of XRechnung 3.0"));
            let kind = match data.syntax {
                XRechnungSyntax::Cii => XmlKind::XRechnungCii,
                XRechnungSyntax::Ubl => XmlKind::XRechnungUbl,
            };
            Ok((xml, kind))
        }
        Err(reason) => {
            checks.push(Check::noted("xrechnung", format!("no XRechnung could be made: {reason}")));
            Ok((embedded, XmlKind::FacturX))
        }
    }
}

/// Refuses what must not be invoiced by the seller, or not yet.
fn refuse(document: &DueDocument) -> Result<(), RenderError> {
    if document.treatment == Treatment::DeemedSupply {
        return Err(RenderError::NotOurs("Amazon is the deemed supplier and owes the VAT"));
    }
    if document.is_amazon_invoiced == Some(true) || document.status.asks() == Asks::NothingEver {
        return Err(RenderError::NotOurs("Amazon issues this document itself"));
    }
    if !document.can_be_made() {
        let blocking = document.attention.iter().filter(|attention| attention.blocks());
        let reasons: Vec<String> = blocking.map(ToString::to_string).collect();
        return Err(RenderError::NeedsAPerson(reasons.join("; ")));
    }
    Ok(())
}
