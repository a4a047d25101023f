//! The flat files, V1 and V2: a header, a summary row, and rows with amounts.

use std::io::Read;

use countinghouse_domain::money::Currency;
use countinghouse_domain::settlement::{Layout, SettlementAmount, SettlementHeader};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::columns::{Columns, TextFrom};
use super::fields::Fields;
use crate::date::Dates;
use crate::error::{ErrorKind, Fault, FormatError};
use crate::lines::LineReader;
use crate::number::Decimals;
use crate::source::{Source, WarningKind};

#[derive(Debug)]
pub(crate) struct FlatReader<R> {
    lines: LineReader<R>,
    layout: Layout,
    columns: Columns,
    fields: Fields,
    header: SettlementHeader,
    decimals: Decimals,
    dates: Dates,
    rows: u64,
    row: Row,
}

/// How far the present row is read.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// The amount column to look at next; beyond the last one a new row is needed.
    next: usize,
    /// How many amounts it gave.
    parts: u8,
    posted_at: Option<Timestamp>,
    quantity: Option<i64>,
}

impl<R: Read> FlatReader<R> {
    /// The present line is the header.
    pub(crate) fn new(mut lines: LineReader<R>) -> Result<Self, FormatError> {
        let max_columns = lines.limits().max_columns;
        if lines.text().split('\t').count() > max_columns {
            return Err(lines.error(too_many_fields(max_columns)));
        }
        let (layout, columns) = Columns::parse(lines.text()).map_err(|fault| lines.error(fault))?;
        warn_of_columns(&mut lines, &columns);
        let mut fields = Fields::with_max(max_columns);
        let (header, decimals) = read_summary(&mut lines, &columns, &mut fields)?;
        Ok(Self {
            lines,
            layout,
            fields,
            header,
            decimals,
            dates: Dates::default(),
            rows: 0,
            // No row yet: nothing to read from it, and nothing missing.
            row: Row { next: columns.amounts.len(), parts: 1, ..Row::default() },
            columns,
        })
    }

    pub(crate) fn header(&self) -> &SettlementHeader {
        &self.header
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    #[inline]
    pub(crate) fn next_amount(&mut self) -> Result<Option<SettlementAmount<'_>>, FormatError> {
        let amount = loop {
            match self.next_of_row() {
                Ok(Some(amount)) => break amount,
                Ok(None) => {}
                Err(fault) => return Err(self.lines.error(fault)),
            }
            if !self.next_row()? {
                return Ok(None);
            }
        };
        Ok(Some(self.amount(amount)))
    }

    /// The next amount of the present row; none where the row has no more.
    #[inline]
    fn next_of_row(&mut self) -> Result<Option<Decimal>, Fault> {
        let line = self.lines.bytes();
        while let Some(column) = self.columns.amounts.get(self.row.next) {
            self.row.next += 1;
            let text = self.fields.bytes(line, column.amount);
            if !text.is_empty() {
                self.row.parts = self.row.parts.saturating_add(1);
                return self.decimals.parse(column.name, text).map(Some);
            }
        }
        if self.row.parts == 0 { self.check_row_without_amount() } else { Ok(None) }
    }

    /// V1 opens each order item with a row that has a quantity and no amount.
    fn check_row_without_amount(&self) -> Result<Option<Decimal>, Fault> {
        match self.layout {
            Layout::V1 if self.row.quantity.is_some() => Ok(None),
            Layout::V1 => {
                let found = "a row without an amount and without a quantity";
                Err(Fault::new(ErrorKind::BadRow, found, "one of them"))
            }
            Layout::V2 | Layout::Xml => {
                Err(Fault::new(ErrorKind::BadAmount, "no amount", "an amount in every row").in_column("amount"))
            }
        }
    }

    /// Goes to the next row with data and checks it; false at the end of the file.
    #[inline]
    fn next_row(&mut self) -> Result<bool, FormatError> {
        self.lines.check_not_failed()?;
        if !advance_to_data(&mut self.lines)? {
            return Ok(false);
        }
        match self.read_row() {
            Ok(()) => Ok(true),
            Err(fault) => Err(self.lines.error(fault)),
        }
    }

    #[inline]
    fn read_row(&mut self) -> Result<(), Fault> {
        split(&mut self.lines, &mut self.fields, self.columns.count)?;
        let (line, fields, columns) = (self.lines.bytes(), &self.fields, &self.columns);
        if fields.bytes(line, columns.settlement_id) != self.header.settlement_id.as_str().as_bytes() {
            return Err(other_settlement(fields.bytes(line, columns.settlement_id), &self.header));
        }
        if !fields.bytes(line, columns.total_amount).is_empty() {
            check_total(fields, line, columns, &mut self.decimals, &self.header)?;
        }
        let currency = fields.bytes(line, columns.currency);
        if !currency.is_empty() && currency != self.header.currency.code().as_bytes() {
            return Err(other_currency(currency, &self.header));
        }
        self.rows += 1;
        self.row = Row {
            next: 0,
            parts: 0,
            posted_at: posted_at(fields, line, columns, &mut self.dates)?,
            quantity: quantity(fields.bytes(line, columns.quantity))?,
        };
        Ok(())
    }

    /// The amount with its texts.
    #[inline]
    fn amount(&self, amount: Decimal) -> SettlementAmount<'_> {
        let line = self.lines.text();
        let (columns, fields) = (&self.columns, &self.fields);
        let get = |index| fields.get(line, index);
        let text = |from| match from {
            TextFrom::Fixed(text) => text,
            TextFrom::Column(index) => get(index),
        };
        let column = columns.amounts.get(self.row.next.saturating_sub(1));
        let (amount_type, amount_description) =
            column.map_or(("", ""), |column| (text(column.amount_type), text(column.description)));
        SettlementAmount {
            line: self.lines.number(),
            part: self.row.parts,
            transaction_type: get(columns.transaction_type),
            amount_type,
            amount_description,
            amount,
            order_id: get(columns.order_id),
            merchant_order_id: get(columns.merchant_order_id),
            adjustment_id: get(columns.adjustment_id),
            shipment_id: get(columns.shipment_id),
            marketplace_name: get(columns.marketplace_name),
            fulfillment_id: get(columns.fulfillment_id),
            posted_at: self.row.posted_at,
            order_item_code: get(columns.order_item_code),
            merchant_order_item_id: get(columns.merchant_order_item_id),
            merchant_adjustment_item_id: get(columns.merchant_adjustment_item_id),
            sku: get(columns.sku),
            quantity: self.row.quantity,
            promotion_id: get(columns.promotion_id),
        }
    }

    pub(crate) fn extra(&self) -> impl Iterator<Item = (&str, &str)> {
        let line = self.lines.text();
        let value = |index: usize| self.fields.get(line, index);
        self.columns.unknown.iter().map(move |(index, name)| (name.as_str(), value(*index)))
    }

    pub(crate) fn finish(self) -> Result<Source, FormatError> {
        let unknown = self.columns.unknown.into_iter().map(|(_, name)| name).collect();
        self.lines.finish(self.rows, unknown)
    }
}

fn warn_of_columns<R: Read>(lines: &mut LineReader<R>, columns: &Columns) {
    for name in &columns.missing {
        lines.warn(WarningKind::MissingColumn, format!("the header does not have the column {name}"));
    }
    for (_, name) in &columns.unknown {
        lines.warn(WarningKind::UnknownColumn, format!("the column {name} is not known and not booked"));
    }
}

/// Goes to the next line that is not empty; false at the end of the file.
#[inline]
fn advance_to_data<R: Read>(lines: &mut LineReader<R>) -> Result<bool, FormatError> {
    let mut empty_line = 0;
    while lines.advance()? {
        let is_empty = lines.bytes().iter().all(u8::is_ascii_whitespace);
        if !is_empty {
            if empty_line > 0 {
                lines.warn_at(WarningKind::EmptyLine, empty_line, "an empty line between the rows");
            }
            return Ok(true);
        }
        if empty_line == 0 {
            empty_line = lines.number();
        }
    }
    Ok(false)
}

/// Splits the present line and holds its length against the header.
#[inline]
fn split<R: Read>(lines: &mut LineReader<R>, fields: &mut Fields, columns: usize) -> Result<(), Fault> {
    if !fields.split(lines.bytes()) {
        return Err(too_many_fields(lines.limits().max_columns));
    }
    if fields.count() == columns {
        return Ok(());
    }
    if fields.count() < columns {
        lines.warn(WarningKind::ShortRow, "a row ends before its last columns; they are taken as empty");
        return Ok(());
    }
    let line = lines.bytes();
    if (columns..fields.count()).any(|index| !fields.bytes(line, index).is_empty()) {
        let found = format!("a row of {} fields", fields.count());
        return Err(Fault::new(ErrorKind::BadRow, found, format!("at most {columns}, as many as the header has")));
    }
    lines.warn(WarningKind::LongRow, "a row has more fields than the header; the surplus ones are empty");
    Ok(())
}

fn too_many_fields(max: usize) -> Fault {
    Fault::new(ErrorKind::Limit, "more columns than allowed", format!("at most {max} columns"))
}

/// Reads the row after the header: the settlement as Amazon states it.
fn read_summary<R: Read>(
    lines: &mut LineReader<R>,
    columns: &Columns,
    fields: &mut Fields,
) -> Result<(SettlementHeader, Decimals), FormatError> {
    if !advance_to_data(lines)? {
        let fault = Fault::new(ErrorKind::BadSummary, "a header and nothing after it", "a summary row with the total");
        return Err(lines.error(fault));
    }
    split(lines, fields, columns.count)
        .and_then(|()| summary(lines.text(), columns, fields))
        .map_err(|fault| lines.error(fault))
}

fn summary(line: &str, columns: &Columns, fields: &Fields) -> Result<(SettlementHeader, Decimals), Fault> {
    let get = |index| fields.get(line, index);
    if get(columns.total_amount).is_empty() || !get(columns.transaction_type).is_empty() {
        let found = "the first row is not the summary row";
        let expected = "a total-amount and no transaction-type in the row after the header";
        return Err(Fault::new(ErrorKind::BadSummary, found, expected));
    }
    let id = get(columns.settlement_id);
    let settlement_id = id.parse().map_err(|error| {
        Fault::value(ErrorKind::BadValue, "settlement-id", id, "a settlement id of digits").caused_by(error)
    })?;
    let code = get(columns.currency);
    let currency: Currency = code.parse().map_err(|error| {
        Fault::value(ErrorKind::BadCurrency, "currency", code, "a currency of ISO 4217 such as EUR").caused_by(error)
    })?;
    let mut decimals = Decimals::new(currency.minor_digits());
    let mut dates = Dates::default();
    let mut date = |column, index| dates.parse(column, get(index).as_bytes());
    let header = SettlementHeader {
        settlement_id,
        start: date("settlement-start-date", columns.start)?,
        end: date("settlement-end-date", columns.end)?,
        deposit_date: date("deposit-date", columns.deposit_date)?,
        total_amount: decimals.parse("total-amount", get(columns.total_amount).as_bytes())?,
        currency,
    };
    Ok((header, decimals))
}

/// A row with a total is a second summary row, unless a transaction repeats the one total.
#[cold]
fn check_total(
    fields: &Fields,
    line: &[u8],
    columns: &Columns,
    decimals: &mut Decimals,
    header: &SettlementHeader,
) -> Result<(), Fault> {
    let text = fields.bytes(line, columns.total_amount);
    if fields.bytes(line, columns.transaction_type).is_empty() {
        let fault = Fault::new(ErrorKind::BadSummary, "a second summary row", "one settlement in a file");
        return Err(fault.in_column("total-amount"));
    }
    if decimals.parse("total-amount", text)? == header.total_amount {
        return Ok(());
    }
    let expected = "the total of the summary row, or nothing";
    Err(Fault::bytes(ErrorKind::BadSummary, "total-amount", text, expected))
}

#[cold]
fn other_settlement(found: &[u8], header: &SettlementHeader) -> Fault {
    let expected = format!("{}, as in the summary row", header.settlement_id);
    Fault::bytes(ErrorKind::OtherSettlement, "settlement-id", found, expected)
}

#[cold]
fn other_currency(found: &[u8], header: &SettlementHeader) -> Fault {
    let expected = format!("{}, as in the summary row", header.currency);
    Fault::bytes(ErrorKind::BadCurrency, "currency", found, expected)
}

#[inline]
fn posted_at(fields: &Fields, line: &[u8], columns: &Columns, dates: &mut Dates) -> Result<Option<Timestamp>, Fault> {
    let exact = fields.bytes(line, columns.posted_date_time);
    if !exact.is_empty() {
        return dates.parse("posted-date-time", exact).map(Some);
    }
    match fields.bytes(line, columns.posted_date) {
        [] => Ok(None),
        day => dates.parse("posted-date", day).map(Some),
    }
}

#[inline]
fn quantity(text: &[u8]) -> Result<Option<i64>, Fault> {
    match text {
        [] => Ok(None),
        [digit @ b'0'..=b'9'] => Ok(Some(i64::from(digit.wrapping_sub(b'0')))),
        _ => match std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
            Some(quantity) => Ok(Some(quantity)),
            None => Err(Fault::bytes(ErrorKind::BadNumber, "quantity-purchased", text, "a whole number")),
        },
    }
}
