//! From the data of a document to PDF/A-3b with its XML inside.

use jiff::civil::Date;
use typst::comemo;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::error::RenderError;
use crate::profile::Logo;
use crate::world::{Desk, Studio};
use crate::xmp;

/// A finished PDF.
pub(crate) struct Pdf {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pages: usize,
    /// What the template complains about, for example a font that a logo asks for.
    pub(crate) warnings: Vec<String>,
}

/// What a PDF is made of.
pub(crate) struct Parts<'a> {
    /// The data for the template, JSON.
    pub(crate) data: Vec<u8>,
    /// The XML that is attached.
    pub(crate) xml: &'a [u8],
    pub(crate) logo: Option<&'a Logo>,
    /// The document's number: the file's identity comes from it.
    pub(crate) number: &'a str,
    /// The only day that the file knows.
    pub(crate) issued_on: Date,
    /// Whether the data says that there is one page.
    pub(crate) one_page: bool,
}

/// Makes the PDF; none if there are more pages than the data says. The same parts give the same bytes.
pub(crate) fn make(studio: &Studio, parts: Parts<'_>) -> Result<Option<Pdf>, RenderError> {
    let made = compile(studio, parts);
    // Without this every document would stay in typst's cache: 1 GB after 600. Also after an error.
    comemo::evict(0);
    let Some(mut pdf) = made? else { return Ok(None) };
    pdf.bytes = xmp::declare_factur_x(&pdf.bytes)?;
    Ok(Some(pdf))
}

fn compile(studio: &Studio, parts: Parts<'_>) -> Result<Option<Pdf>, RenderError> {
    let desk = Desk {
        studio,
        data: Bytes::new(parts.data),
        xml: Bytes::new(parts.xml.to_vec()),
        logo: parts.logo.map(|logo| (logo.format.extension(), Bytes::new(logo.bytes.clone()))),
    };
    let compiled = typst::compile::<PagedDocument>(&desk);
    let document = compiled.output.map_err(|errors| RenderError::Template(first(&errors)))?;
    let pages = document.pages().len();
    if parts.one_page && pages != 1 {
        return Ok(None);
    }
    let warnings = compiled.warnings.iter().map(|warning| warning.message.to_string()).collect();
    let bytes = typst_pdf::pdf(&document, &options(parts.number, parts.issued_on)?)
        .map_err(|errors| RenderError::Refused(first(&errors)))?;
    Ok(Some(Pdf { bytes, pages, warnings }))
}

fn options(number: &str, issued_on: Date) -> Result<PdfOptions, RenderError> {
    let part = |part: i8| u8::try_from(part).unwrap_or(1);
    let day = Datetime::from_ymd_hms(issued_on.year().into(), part(issued_on.month()), part(issued_on.day()), 0, 0, 0);
    Ok(PdfOptions {
        ident: Smart::Custom(format!("countinghouse invoice {number}")),
        creator: Smart::Custom(Some("Countinghouse".to_owned())),
        timestamp: day.map(Timestamp::new_utc),
        standards: PdfStandards::new(&[PdfStandard::A_3b])
            .map_err(|error| RenderError::Template(error.message().to_string()))?,
        tagged: true,
        ..PdfOptions::default()
    })
}

fn first(diagnostics: &[SourceDiagnostic]) -> String {
    diagnostics.first().map_or_else(String::new, |diagnostic| diagnostic.message.to_string())
}
