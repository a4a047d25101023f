//! From the rows of one invoice to its JSON value, as if it had come as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell;
use super::columns::Kind;
use super::error::{CsvError, CsvProblem};
use super::header::{Header, HeaderColumn};
use super::places::Places;
use super::tree::{Cell, Step, Tree, way};
use crate::{Api, Node};

/// One line of the file, its cells trimmed.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
    /// What is wrong with it as a line.
    pub(super) faults: Vec<CsvError>,
}

impl Row {
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map(String::as_str).unwrap_or_default()
    }
}

/// What is put together for one invoice.
pub(super) struct Builder {
    header: Arc<Header>,
    api: Api,
    decimal_comma: bool,
    root: Tree,
    places: Places,
    /// The line that said each column of the invoice first, and what.
    said: BTreeMap<usize, (u64, String)>,
    /// The ways to amounts, and to groups whose currency is another one than the invoice's.
    amounts: Vec<Vec<Step>>,
    groups: Vec<(Vec<Step>, Cell)>,
    items: u32,
    errors: Vec<CsvError>,
}

impl Builder {
    pub(super) fn new(file: &Arc<str>, header: &Arc<Header>, api: Api, decimal_comma: bool, first_line: u64) -> Self {
        Self {
            header: Arc::clone(header),
            api,
            decimal_comma,
            root: Tree::default(),
            places: Places::new(Arc::clone(file), Arc::clone(header), first_line),
            said: BTreeMap::new(),
            amounts: Vec::new(),
            groups: Vec::new(),
            items: 0,
            errors: Vec::new(),
        }
    }

    /// The invoice and where its values came from, or everything that is wrong with its rows.
    pub(super) fn finish(mut self) -> Result<(Node, Places), Vec<CsvError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        self.add_currencies();
        let value = self.root.close(&mut self.places);
        Ok((value.unwrap_or_else(|| Node::Object(Vec::new())), self.places))
    }

    pub(super) fn add(&mut self, mut row: Row) {
        if !row.faults.is_empty() {
            // Its cells may stand in the wrong columns, so nothing is said about them.
            self.errors.append(&mut row.faults);
            return;
        }
        let (header, row) = (Arc::clone(&self.header), &row);
        let columns = || (0..).zip(&header.columns).filter_map(|(index, column)| Some((index, column.as_ref()?)));
        let is_item = columns().any(|(index, column)| column.of_item && !row.cell(index).is_empty());
        if is_item {
            self.places.add_item(row.line);
            self.count_item(row);
        }
        for (index, column) in columns() {
            if !column.of_item {
                self.add_of_invoice(row, index, column);
            } else if is_item {
                self.add_cell(row, index, column);
            }
        }
        self.items = self.items.saturating_add(u32::from(is_item));
    }

    /// Without a column for the item's number the items are counted.
    fn count_item(&mut self, row: &Row) {
        if self.header.has_item_numbers {
            return;
        }
        let number = self.items.saturating_add(1).to_string();
        let value = if self.api == Api::Retail { Node::Number(number) } else { Node::Text(number) };
        // The place is the line's; there is no column.
        let cell = Cell { value: Some(value), line: row.line, column: usize::MAX };
        self.root.set(&way("items/*/itemSequenceNumber", self.items, &[]), cell);
    }

    /// A cell of the invoice counts once: later rows leave it empty or repeat it.
    fn add_of_invoice(&mut self, row: &Row, index: usize, column: &HeaderColumn) {
        let text = row.cell(index);
        match self.said.get(&index) {
            Some((first, said)) if !text.is_empty() && said != text => {
                let problem = CsvProblem::Differs { first: *first };
                self.complain(row, index, column, problem);
            }
            Some(_) => {}
            None if text.is_empty() && row.line != self.places.first_line() => {}
            None => {
                if !text.is_empty() {
                    self.said.insert(index, (row.line, text.to_owned()));
                }
                self.add_cell(row, index, column);
            }
        }
    }

    fn add_cell(&mut self, row: &Row, index: usize, column: &HeaderColumn) {
        let Some(place) = column.column.place(self.api) else { return };
        let mut way = way(place, self.items, &column.numbers);
        let (text, mut kind) = (row.cell(index), column.column.kind);
        if kind == Kind::Sequence && self.api == Api::Retail {
            kind = Kind::Whole;
        }
        let value = if text.is_empty() { Ok(None) } else { cell::value(text, kind, self.decimal_comma).map(Some) };
        let cell = match value {
            Ok(value) => Cell { value, line: row.line, column: index },
            Err(problem) => return self.complain(row, index, column, problem),
        };
        match kind {
            Kind::Amount => {
                self.amounts.push(way.clone());
                way.push(Step::Key("amount".to_owned()));
                self.root.set(&way, cell);
            }
            Kind::Currency if cell.value.is_some() => self.groups.push((way, cell)),
            Kind::Currency => {}
            Kind::Text | Kind::Whole | Kind::Sequence | Kind::Decimal | Kind::Date => self.root.set(&way, cell),
        }
    }

    /// Gives each amount that is there its group's currency, or else the invoice's.
    fn add_currencies(&mut self) {
        let said = self.header.currency.and_then(|column| Some((column, self.said.get(&column)?)));
        let of_invoice = said.map(|(column, (line, code))| Cell { value: Some(Node::text(code)), line: *line, column });
        for mut way in std::mem::take(&mut self.amounts) {
            if !self.root.has(&way) {
                continue;
            }
            let group = self.groups.iter().find(|(group, _)| way.starts_with(group)).map(|(_, cell)| cell.clone());
            if let Some(cell) = group.or_else(|| of_invoice.clone()) {
                way.push(Step::Key("currencyCode".to_owned()));
                self.root.set(&way, cell);
            }
        }
    }

    fn complain(&mut self, row: &Row, index: usize, column: &HeaderColumn, problem: CsvProblem) {
        let error = CsvError::of_row(self.places.file(), row.line, problem);
        self.errors.push(error.in_column(index.saturating_add(1), &column.name));
    }
}
