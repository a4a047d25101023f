//! The XML report: an envelope, the settlement's data, and groups such as orders, one after the other.

mod map;
mod node;
pub(crate) mod source;

use std::io::Read;

use countinghouse_domain::money::Currency;
use countinghouse_domain::settlement::{SettlementAmount, SettlementHeader};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::date::Dates;
use crate::error::{ErrorKind, Fault, FormatError};
use crate::lines::LineReader;
use crate::number::Decimals;
use crate::source::{Source, WarningKind};
use map::{Entry, Mapper, Misfit};
use node::{Builder, Node};
use source::TextSource;

/// Where the groups are.
const GROUPS_IN: [&str; 3] = ["AmazonEnvelope", "Message", "SettlementReport"];
/// Deeper than the envelope is.
const MAX_ENVELOPE_DEPTH: usize = 8;

#[derive(Debug)]
pub(crate) struct XmlReader<R> {
    groups: Groups<R>,
    header: SettlementHeader,
    mapper: Mapper,
    /// The amounts of the present group.
    entries: Vec<Entry>,
    next: usize,
    count: u64,
}

impl<R: Read> XmlReader<R> {
    /// Nothing is read yet.
    pub(crate) fn new(mut lines: LineReader<R>) -> Result<Self, FormatError> {
        if let Some(label) = declared_encoding(lines.peek(256)) {
            lines.declare_charset(&label)?;
        }
        let mut groups = Groups::new(lines);
        let first = groups.next()?.filter(|group| &*group.name == "SettlementData");
        let Some(data) = first else {
            let fault = Fault::new(ErrorKind::BadSummary, "no SettlementData", "it to come before everything else");
            return Err(groups.lines().error(fault));
        };
        let (header, mapper) = read_header(&data).map_err(|misfit| groups.misfit(misfit))?;
        Ok(Self { groups, header, mapper, entries: Vec::new(), next: 0, count: 0 })
    }

    pub(crate) fn header(&self) -> &SettlementHeader {
        &self.header
    }

    pub(crate) fn next_amount(&mut self) -> Result<Option<SettlementAmount<'_>>, FormatError> {
        while self.next >= self.entries.len() {
            self.groups.lines().check_not_failed()?;
            let Some(group) = self.groups.next()? else { return Ok(None) };
            self.entries.clear();
            self.next = 0;
            if &*group.name == "SettlementData" {
                let fault = Fault::new(ErrorKind::BadSummary, "a second SettlementData", "one settlement in a file");
                return Err(self.groups.misfit(Misfit::at(&group)(fault)));
            }
            self.mapper.map(&group, &mut self.entries).map_err(|misfit| self.groups.misfit(misfit))?;
        }
        let entry = self.entries.get(self.next);
        self.next = self.next.saturating_add(1);
        self.count = self.count.saturating_add(1);
        Ok(entry.map(|entry| borrow(entry, self.count)))
    }

    pub(crate) fn finish(self) -> Result<Source, FormatError> {
        let mut lines = self.groups.reader.into_inner().lines;
        for name in &self.mapper.unknown {
            lines.warn_at(WarningKind::UnknownColumn, 0, format!("the element {name} is not known and not booked"));
        }
        lines.finish(self.count, self.mapper.unknown)
    }
}

/// An amount of XML has no line of its own, because line breaks mean nothing: its number stands for it.
fn borrow(entry: &Entry, number: u64) -> SettlementAmount<'_> {
    SettlementAmount {
        line: number,
        part: 1,
        transaction_type: &entry.transaction_type,
        amount_type: entry.amount_type,
        amount_description: &entry.amount_description,
        amount: entry.amount,
        order_id: &entry.order_id,
        merchant_order_id: &entry.merchant_order_id,
        adjustment_id: &entry.adjustment_id,
        shipment_id: &entry.shipment_id,
        marketplace_name: &entry.marketplace_name,
        fulfillment_id: &entry.fulfillment_id,
        posted_at: entry.posted_at,
        order_item_code: &entry.order_item_code,
        merchant_order_item_id: &entry.merchant_order_item_id,
        merchant_adjustment_item_id: &entry.merchant_adjustment_item_id,
        sku: &entry.sku,
        quantity: entry.quantity,
        promotion_id: &entry.promotion_id,
    }
}

/// The label in `<?xml … encoding="…"?>`.
pub fn declared_encoding(start: &[u8]) -> Option<String> {
    let start = start.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = start.windows(2).position(|window| window == b"?>")?;
    let declaration = std::str::from_utf8(start.get(..end)?).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(str::to_owned)
}

fn read_header(data: &Node) -> Result<(SettlementHeader, Mapper), Misfit> {
    let child = |name: &str| {
        let lacks = || Fault::new(ErrorKind::BadSummary, "SettlementData does not have it", "it").in_column(name);
        data.child(name).ok_or_else(|| Misfit::at(data)(lacks()))
    };
    let id = child("AmazonSettlementID")?;
    let settlement_id = id.text.trim().parse().map_err(|error| {
        let fault = Fault::value(ErrorKind::BadValue, "AmazonSettlementID", &id.text, "a settlement id of digits");
        Misfit::at(id)(fault.caused_by(error))
    })?;
    let total = child("TotalAmount")?;
    let code = total.currency.as_deref().unwrap_or_default();
    let currency: Currency = code.parse().map_err(|error| {
        let fault = Fault::value(ErrorKind::BadCurrency, "TotalAmount", code, "a currency of ISO 4217 such as EUR");
        Misfit::at(total)(fault.caused_by(error))
    })?;
    let mut decimals = Decimals::new(currency.minor_digits());
    let total_amount = decimals.parse("TotalAmount", total.text.trim().as_bytes()).map_err(Misfit::at(total))?;
    let mut dates = Dates::default();
    let mut read_date = |name| {
        let node = child(name)?;
        dates.parse(name, node.text.trim().as_bytes()).map_err(Misfit::at(node))
    };
    let header = SettlementHeader {
        settlement_id,
        start: read_date("StartDate")?,
        end: read_date("EndDate")?,
        deposit_date: read_date("DepositDate")?,
        total_amount,
        currency,
    };
    Ok((header, Mapper { currency, decimals, dates, unknown: Vec::new() }))
}

/// The groups of the report, one at a time.
#[derive(Debug)]
struct Groups<R> {
    reader: Reader<TextSource<R>>,
    buffer: Vec<u8>,
    /// The open elements around the groups.
    path: Vec<Box<str>>,
    builder: Builder,
    /// The envelope was opened and closed.
    whole: bool,
}

impl<R: Read> Groups<R> {
    fn new(lines: LineReader<R>) -> Self {
        Self {
            reader: Reader::from_reader(TextSource::new(lines)),
            buffer: Vec::new(),
            path: Vec::new(),
            builder: Builder::default(),
            whole: false,
        }
    }

    fn lines(&mut self) -> &mut LineReader<R> {
        &mut self.reader.get_mut().lines
    }

    fn misfit(&mut self, misfit: Misfit) -> FormatError {
        self.lines().error_at(misfit.line, misfit.fault)
    }

    /// The next element of the report; none at the end of the document.
    fn next(&mut self) -> Result<Option<Node>, FormatError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin_event();
            let step = match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Eof) => return self.end_of_document(),
                Ok(event) => {
                    let line = self.reader.get_ref().lines.number();
                    step(&event, line, &mut self.path, &mut self.builder)
                }
                Err(error) => {
                    if let Some(fault) = self.reader.get_mut().fault.take() {
                        return Err(fault);
                    }
                    let fault = Fault::new(ErrorKind::BadXml, "broken XML", "a well-formed document");
                    Err(fault.caused_by(error))
                }
            };
            match step {
                Ok(Step::Group(group)) => return Ok(Some(group)),
                Ok(Step::Closed) => self.whole = true,
                Ok(Step::On) => {}
                Err(fault) => return Err(self.lines().error(fault)),
            }
        }
    }

    fn end_of_document(&mut self) -> Result<Option<Node>, FormatError> {
        if self.whole && self.path.is_empty() && !self.builder.is_open() {
            return Ok(None);
        }
        let fault = Fault::new(ErrorKind::Truncated, "the XML is cut off before its end", "the whole document");
        Err(self.lines().error(fault))
    }
}

enum Step {
    On,
    /// The envelope is closed.
    Closed,
    Group(Node),
}

fn step(event: &Event<'_>, line: u64, path: &mut Vec<Box<str>>, builder: &mut Builder) -> Result<Step, Fault> {
    match event {
        Event::Start(tag) => start(tag, line, path, builder).map(|()| Step::On),
        Event::Empty(tag) => {
            start(tag, line, path, builder)?;
            Ok(end(path, builder))
        }
        Event::End(_) => Ok(end(path, builder)),
        Event::Text(text) => {
            builder.text(text);
            Ok(Step::On)
        }
        Event::CData(text) => {
            builder.text(text);
            Ok(Step::On)
        }
        Event::GeneralRef(reference) => {
            let mut utf8 = [0; 4];
            builder.text(resolve(reference)?.encode_utf8(&mut utf8));
            Ok(Step::On)
        }
        Event::DocType(_) => Err(Fault::new(ErrorKind::BadXml, "a DOCTYPE", "none: entities are not read")),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(Step::On),
    }
}

fn start(tag: &BytesStart<'_>, line: u64, path: &mut Vec<Box<str>>, builder: &mut Builder) -> Result<(), Fault> {
    let name = tag.local_name().into_inner();
    let in_report = path.iter().map(AsRef::as_ref).eq(GROUPS_IN);
    if !builder.is_open() && !in_report {
        if path.len() >= MAX_ENVELOPE_DEPTH {
            return Err(Fault::new(ErrorKind::Limit, "elements too deep in each other", "an Amazon envelope"));
        }
        path.push(name.into());
        return Ok(());
    }
    let bad = |error| Fault::new(ErrorKind::BadXml, "a broken attribute", "currency=\"EUR\"").caused_by(error);
    let currency = tag.try_get_attribute("currency").map_err(bad)?;
    let currency = currency.map(|attribute| attribute.value.trim().into());
    builder.start(Node { name: name.into(), line, currency, ..Node::default() })
}

fn end(path: &mut Vec<Box<str>>, builder: &mut Builder) -> Step {
    if builder.is_open() {
        return builder.end().map_or(Step::On, Step::Group);
    }
    path.pop();
    if path.is_empty() { Step::Closed } else { Step::On }
}

/// The character of a reference; only those that XML itself defines are known, so that nothing can swell.
pub fn resolve(reference: &BytesRef<'_>) -> Result<char, Fault> {
    let unknown = || Fault::new(ErrorKind::BadXml, "an entity that is not known", "&amp; &lt; &gt; &quot; or &apos;");
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => reference.resolve_char_ref().map_err(|error| unknown().caused_by(error))?.ok_or_else(unknown),
    }
}
