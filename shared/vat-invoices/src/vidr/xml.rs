//! The XML variant. Its structure is not published and no real file was at hand, so elements are known by the names of
//! the columns, whatever surrounds them: an element that has an article's amounts is a row, and what stands in the
//! elements around it, before it, counts for it too.

use std::io::Read;

use countinghouse_formats::parts::{Fault, LineReader, TextSource, declared_encoding, resolve_reference};
use countinghouse_formats::{ErrorKind, FormatError, Source, WarningKind};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::Row;
use super::columns::{Field, field_of};
use super::values::{ValueReader, Values};

/// Deeper than any report.
const MAX_DEPTH: usize = 32;
/// Without these a row is none; elements that are empty may be left out.
const IN_EVERY_ROW: [Field; 4] = [Field::Marketplace, Field::OrderId, Field::TransactionType, Field::Currency];
/// Longer than any text of a row, in bytes.
const MAX_TEXT: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct XmlRows<R> {
    reader: Reader<TextSource<R>>,
    buffer: Vec<u8>,
    open: Vec<Element>,
    values: ValueReader,
    texts: Vec<String>,
    row: Option<Values>,
    unknown: Vec<String>,
    count: u64,
    /// The root was opened and closed.
    whole: bool,
}

/// An element that is open.
#[derive(Debug)]
struct Element {
    /// The column that its name says, unless it has elements in it.
    field: Option<Field>,
    name: String,
    line: u64,
    text: String,
    /// What its elements say.
    found: Vec<(Field, String)>,
    has_elements: bool,
}

impl Element {
    /// Notes what an element in it says; the last word counts.
    fn tell(&mut self, field: Field, text: String) {
        self.found.retain(|(each, _)| *each != field);
        self.found.push((field, text));
    }
}

/// What an event came to.
enum Step {
    On,
    Row(Element),
}

impl<R: Read> XmlRows<R> {
    pub(super) fn new(mut lines: LineReader<R>) -> Result<Self, FormatError> {
        if let Some(label) = declared_encoding(lines.peek(256)) {
            lines.declare_charset(&label)?;
        }
        Ok(Self {
            reader: Reader::from_reader(TextSource::new(lines)),
            buffer: Vec::new(),
            open: Vec::new(),
            values: ValueReader::new(),
            texts: vec![String::new(); Field::ALL.len()],
            row: None,
            unknown: Vec::new(),
            count: 0,
            whole: false,
        })
    }

    pub(super) fn lines(&mut self) -> &mut LineReader<R> {
        &mut self.reader.get_mut().lines
    }

    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, FormatError> {
        self.lines().check_not_failed()?;
        let Some(element) = self.next_element()? else { return Ok(None) };
        let line = element.line;
        let values = self.read_values(&element).map_err(|fault| self.lines().error_at(line, fault))?;
        self.count = self.count.saturating_add(1);
        let values = self.row.insert(values);
        Ok(Some(Row { line, texts: &self.texts, values }))
    }

    fn read_values(&mut self, element: &Element) -> Result<Values, Fault> {
        self.texts.iter_mut().for_each(String::clear);
        let around = self.open.iter().flat_map(|each| &each.found);
        for (field, text) in around.chain(&element.found) {
            if let Some(place) = self.texts.get_mut(field.index()) {
                place.clear();
                place.push_str(text.trim());
            }
        }
        for field in IN_EVERY_ROW {
            if self.texts.get(field.index()).is_none_or(String::is_empty) {
                let fault = Fault::new(ErrorKind::BadRow, "a row without it", "the element that every row has");
                return Err(fault.in_column(field.name()));
            }
        }
        self.values.read(&self.texts, true)
    }

    /// The next element that is a row; none at the end of the document.
    fn next_element(&mut self) -> Result<Option<Element>, FormatError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin_event();
            let step = match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Eof) => return self.end_of_document(),
                Ok(event) => {
                    let line = self.reader.get_ref().lines.number();
                    step(&event, line, &mut self.open, &mut self.unknown, &mut self.whole)
                }
                Err(error) => {
                    if let Some(fault) = self.reader.get_mut().fault.take() {
                        return Err(fault);
                    }
                    Err(Fault::new(ErrorKind::BadXml, "broken XML", "a well-formed document").caused_by(error))
                }
            };
            match step {
                Ok(Step::On) => {}
                Ok(Step::Row(element)) => return Ok(Some(element)),
                Err(fault) => return Err(self.lines().error(fault)),
            }
        }
    }

    fn end_of_document(&mut self) -> Result<Option<Element>, FormatError> {
        if self.whole && self.open.is_empty() {
            if self.count > 0 || self.unknown.is_empty() {
                return Ok(None);
            }
            let found = "an XML document without a row of the report";
            let fault = Fault::new(ErrorKind::UnknownFormat, found, "a VAT invoice data report (VIDR) in XML");
            return Err(self.lines().error_at(0, fault));
        }
        let fault = Fault::new(ErrorKind::Truncated, "the XML is cut off before its end", "the whole document");
        Err(self.lines().error(fault))
    }

    pub(super) fn finish(self) -> Result<Source, FormatError> {
        let mut lines = self.reader.into_inner().lines;
        for name in &self.unknown {
            lines.warn_at(WarningKind::UnknownColumn, 0, format!("the element {name} is not known"));
        }
        lines.finish(self.count, self.unknown)
    }
}

fn step(
    event: &Event<'_>,
    line: u64,
    open: &mut Vec<Element>,
    unknown: &mut Vec<String>,
    whole: &mut bool,
) -> Result<Step, Fault> {
    match event {
        Event::Start(tag) => start(tag.local_name().into_inner(), line, open).map(|()| Step::On),
        Event::Empty(tag) => {
            start(tag.local_name().into_inner(), line, open)?;
            Ok(end(open, unknown, whole))
        }
        Event::End(_) => Ok(end(open, unknown, whole)),
        Event::Text(text) => push(open, text),
        Event::CData(text) => push(open, text),
        Event::GeneralRef(reference) => {
            let mut utf8 = [0; 4];
            push(open, resolve_reference(reference)?.encode_utf8(&mut utf8))
        }
        Event::DocType(_) => Err(Fault::new(ErrorKind::BadXml, "a DOCTYPE", "none: entities are not read")),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(Step::On),
    }
}

fn push(open: &mut [Element], text: &str) -> Result<Step, Fault> {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
        if element.text.len() > MAX_TEXT {
            let expected = format!("at most {MAX_TEXT} bytes in one element");
            return Err(Fault::new(ErrorKind::Limit, "a text that does not end", expected));
        }
    }
    Ok(Step::On)
}

fn start(name: &str, line: u64, open: &mut Vec<Element>) -> Result<(), Fault> {
    if open.len() >= MAX_DEPTH {
        let expected = format!("at most {MAX_DEPTH} elements in each other");
        return Err(Fault::new(ErrorKind::Limit, "elements too deep in each other", expected));
    }
    if let Some(parent) = open.last_mut() {
        parent.has_elements = true;
    }
    open.push(Element {
        field: field_of(name),
        name: name.to_owned(),
        line,
        text: String::new(),
        found: Vec::new(),
        has_elements: false,
    });
    Ok(())
}

/// Closes the innermost element. An element with text tells its parent; one with elements is a row, or a group (such as
/// an address) that tells its parent what it knows.
fn end(open: &mut Vec<Element>, unknown: &mut Vec<String>, whole: &mut bool) -> Step {
    let Some(element) = open.pop() else { return Step::On };
    if open.is_empty() {
        *whole = true;
    }
    if element.found.iter().any(|(field, _)| *field == Field::ItemGross) {
        return Step::Row(element);
    }
    let Some(parent) = open.last_mut() else { return Step::On };
    if element.has_elements {
        for (field, text) in element.found {
            parent.tell(field, text);
        }
    } else if let Some(field) = element.field {
        parent.tell(field, element.text);
    } else if !element.text.trim().is_empty() && !unknown.contains(&element.name) && unknown.len() < 100 {
        unknown.push(element.name);
    }
    Step::On
}
