//! The work: read, number, render, write.

use std::collections::HashMap;
use std::io::{self, Write};
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use countinghouse_domain::document::DocumentKind;
use countinghouse_formats::FormatError;
use countinghouse_invoicing::{Profile, ProfileError, RenderError, Rendered, Renderer};
use countinghouse_vat_invoices::decision::Decision;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::DocumentIndex;
use countinghouse_vat_invoices::number::InvoiceNumber;
use indicatif::ProgressBar;
use jiff::civil::Date;

use super::files::{FileError, Folder};
use super::input::{self, InputError, Report};
use super::made::{Made, Number, Numbered};
use super::numbers::{NumberError, Numbers};
use super::summary::Summary;
use super::table::Table;
use super::{Arguments, lines, seller};

/// How many documents are rendered at a time, for each thread; what is in memory is bounded by it.
const BATCH_PER_THREAD: usize = 8;
/// More threads need more memory than they save time.
const MOST_THREADS: usize = 4;

/// Why nothing more is made.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkError {
    /// The report.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The profile.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The numbers.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// The folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The renderer itself, not one document.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[source] io::Error),
}

impl From<FormatError> for WorkError {
    fn from(error: FormatError) -> Self {
        Self::Input(error.into())
    }
}

/// Everything that is needed to make the documents of one report.
pub(super) struct Work<'a> {
    arguments: &'a Arguments,
    report: Report,
    index: DocumentIndex,
    profile: Profile,
    renderer: Renderer,
    numbers: Numbers,
    folder: Folder,
    summary: Summary,
    /// The invoices of this report that its credit notes refer to: number and day, by shipment.
    originals: HashMap<String, (InvoiceNumber, Option<Date>)>,
    threads: usize,
    bar: ProgressBar,
}

/// What came of rendering one document.
type Outcome = (Numbered, Result<Rendered, RenderError>);

impl<'a> Work<'a> {
    /// Reads profile and report, and makes the folder. Nothing is made before the whole report could be read.
    pub(super) fn prepare(arguments: &'a Arguments) -> Result<Self, WorkError> {
        let profile = match &arguments.profile {
            Some(path) => Profile::open(path)?,
            None => Profile::sample()?,
        };
        let numbers = Numbers::new(&profile, &arguments.first_number)?;
        let report = Report::new(&arguments.file, arguments.charset.clone());
        let (index, source) = report.index()?;
        let folder = Folder::open(&arguments.out)?;
        let warnings = source.warnings.iter().map(ToString::to_string).collect();
        let documents = [DocumentKind::Invoice, DocumentKind::CreditNote].map(|kind| index.count(kind));
        Ok(Self {
            arguments,
            report,
            index,
            profile,
            renderer: Renderer::new()?,
            numbers,
            folder,
            summary: Summary::new(arguments.out.display().to_string(), warnings),
            originals: HashMap::new(),
            threads: thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS),
            bar: input::bar(documents.iter().sum()),
        })
    }

    /// Makes the invoices, then the credit notes, which may refer to them.
    pub(super) fn run(mut self, mut output: impl Write) -> Result<Summary, WorkError> {
        let mut table = Table::default();
        for kind in [DocumentKind::Invoice, DocumentKind::CreditNote] {
            if self.index.count(kind) == 0 {
                continue;
            }
            // The index lends itself to the reader while the rest of the work changes.
            let index = std::mem::take(&mut self.index);
            let made = self.make(kind, &index, &mut table, &mut output);
            self.index = index;
            made?;
        }
        self.bar.finish_and_clear();
        output.flush().map_err(WorkError::Output)?;
        Ok(self.summary)
    }

    fn make(
        &mut self,
        kind: DocumentKind,
        index: &DocumentIndex,
        table: &mut Table,
        output: &mut impl Write,
    ) -> Result<(), WorkError> {
        let mut documents = self.report.documents(index, kind)?;
        let mut batch = Vec::new();
        while let Some(document) = documents.next_document()? {
            match self.number(document, index)? {
                Some(numbered) => batch.push(numbered),
                None => self.bar.inc(1),
            }
            if batch.len() >= self.threads * BATCH_PER_THREAD {
                self.finish(std::mem::take(&mut batch), index, table, output)?;
            }
        }
        self.finish(batch, index, table, output)
    }

    /// Gives the document its number, or notes why it is not made.
    fn number(&mut self, mut document: DueDocument, index: &DocumentIndex) -> Result<Option<Numbered>, WorkError> {
        let decision = document.decision();
        let issued_on = self.arguments.issued_on.or_else(|| document.supplied_on());
        if !decision.makes() {
            if decision != Decision::Person
                && let Ok(number) = document.uploaded_number.parse()
            {
                self.remember(&document, &number, issued_on, index);
            }
            self.summary.left_out(&document, decision);
            return Ok(None);
        }
        if document.seller.vat_number.is_empty() {
            let country = seller::country(&document, &self.profile);
            let Some(number) = seller::number(country, &self.profile, self.arguments.sample) else {
                let reason =
                    format!("the report does not have the seller's VAT number, and the profile has none for {country}");
                self.summary.needs(&document, &reason);
                return Ok(None);
            };
            document.fill_seller_number(number);
        }
        let Some(issued_on) = issued_on else {
            self.summary.needs(&document, "there is no day on which it could be issued: say one with --issued-on");
            return Ok(None);
        };
        let number = if decision == Decision::MakeAgain && !document.uploaded_number.is_empty() {
            match self.kept(&document.uploaded_number) {
                Ok(number) => Number::Kept(number),
                Err(reason) => {
                    self.summary.needs(&document, &reason);
                    return Ok(None);
                }
            }
        } else {
            Number::Given(self.numbers.next(&document, issued_on, |number| index.uses_number(number))?)
        };
        if let Some((original, day)) = self.originals.get(&document.shipping_id) {
            document.link_original(original.as_str(), *day);
        }
        Ok(Some(Numbered { document, number, issued_on }))
    }

    /// The number that a rejected document keeps.
    fn kept(&mut self, number: &str) -> Result<InvoiceNumber, String> {
        let number: InvoiceNumber =
            number.parse().map_err(|error| format!("its number cannot be used again: {error}"))?;
        if self.numbers.keep(&number) {
            return Ok(number);
        }
        Err("its number is that of another document of the report".to_owned())
    }

    /// Remembers an invoice that a credit note of the report refers to.
    fn remember(&mut self, document: &DueDocument, number: &InvoiceNumber, day: Option<Date>, index: &DocumentIndex) {
        let is_first = document.kind == DocumentKind::Invoice && document.correction.is_none();
        if is_first && index.credits_shipment(&document.shipping_id) {
            self.originals.insert(document.shipping_id.clone(), (number.clone(), day));
        }
    }

    /// Renders and writes a batch, and says what came of it.
    fn finish(
        &mut self,
        batch: Vec<Numbered>,
        index: &DocumentIndex,
        table: &mut Table,
        output: &mut impl Write,
    ) -> Result<(), WorkError> {
        let mut made = Vec::with_capacity(batch.len());
        for (numbered, rendered) in self.render_without_gaps(batch, index)? {
            self.bar.inc(1);
            match self.folder.write(numbered.number(), &rendered.pdf, &rendered.xml) {
                Ok(files) => {
                    let document = Made::new(numbered, &rendered, files);
                    self.remember(&document.document, &document.number, Some(document.issued_on), index);
                    self.summary.made(&document);
                    made.push(document);
                }
                Err(error @ FileError::OtherContent(_)) => {
                    let reason = format!("{error}: begin behind it with --first-number, or take an empty folder");
                    self.summary.needs(&numbered.document, &reason);
                }
                Err(error) => return Err(error.into()),
            }
        }
        let json = self.arguments.json;
        let written = self.bar.suspend(|| {
            let each = if json {
                made.iter().try_for_each(|made| lines::write(output, made))
            } else {
                table.write(output, &made)
            };
            each.and_then(|()| output.flush())
        });
        written.map_err(WorkError::Output)
    }

    /// Renders a batch. Where a document cannot be made, those behind it take its number, so that no gap is left.
    fn render_without_gaps(
        &mut self,
        mut batch: Vec<Numbered>,
        index: &DocumentIndex,
    ) -> Result<Vec<(Numbered, Rendered)>, WorkError> {
        let mut done = Vec::with_capacity(batch.len());
        while !batch.is_empty() {
            let mut again: Vec<Numbered> = Vec::new();
            let mut failed = false;
            for (numbered, rendered) in self.render(std::mem::take(&mut batch)) {
                match (rendered, failed) {
                    (Ok(rendered), false) => done.push((numbered, rendered)),
                    (_, true) => again.push(numbered),
                    (Err(error), false) => {
                        failed = true;
                        self.bar.inc(1);
                        self.summary.needs(&numbered.document, &error.to_string());
                        if let Number::Given(given) = &numbered.number {
                            self.numbers.take_back(given);
                        }
                    }
                }
            }
            for numbered in again.iter().rev() {
                if let Number::Given(given) = &numbered.number {
                    self.numbers.take_back(given);
                }
            }
            for mut numbered in again {
                if let Number::Given(given) = &mut numbered.number {
                    let (document, day) = (&numbered.document, numbered.issued_on);
                    *given = self.numbers.next(document, day, |number| index.uses_number(number))?;
                }
                batch.push(numbered);
            }
        }
        Ok(done)
    }

    /// Renders the documents of a batch side by side; they come back in their order.
    fn render(&self, batch: Vec<Numbered>) -> Vec<Outcome> {
        let threads = self.threads.min(batch.len());
        let slots: Vec<Mutex<Option<Result<Rendered, RenderError>>>> = batch.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let (Some(numbered), Some(slot)) = (batch.get(place), slots.get(place)) else { return };
                let rendered = self.renderer.render(&numbered.document, &numbered.issue(), &self.profile);
                if let Ok(mut slot) = slot.lock() {
                    *slot = Some(rendered);
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        let rendered = slots.into_iter().map(|slot| slot.into_inner().ok().flatten());
        batch.into_iter().zip(rendered).map(|(numbered, rendered)| (numbered, rendered.unwrap_or_else(lost))).collect()
    }
}

/// A thread that died left no result; no document is known to do that.
fn lost() -> Result<Rendered, RenderError> {
    Err(RenderError::Template("the document was not rendered".to_owned()))
}
