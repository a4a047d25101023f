//! Where in the CSV file each part of an invoice came from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::{ColumnPlace, CsvPlace};
use super::header::Header;

/// The lines and columns of one invoice's values.
#[derive(Debug, Clone)]
pub struct Places {
    file: Arc<str>,
    header: Arc<Header>,
    /// The first line of the invoice.
    first_line: u64,
    /// The line of each item.
    items: Vec<u64>,
    /// The cell of each value, by its JSON pointer: line and column, the first column is 0.
    cells: BTreeMap<String, (u64, usize)>,
}

impl Places {
    pub(super) const fn new(file: Arc<str>, header: Arc<Header>, first_line: u64) -> Self {
        Self { file, header, first_line, items: Vec::new(), cells: BTreeMap::new() }
    }

    pub(super) fn add_item(&mut self, line: u64) {
        self.items.push(line);
    }

    pub(super) fn add(&mut self, pointer: String, line: u64, column: usize) {
        self.cells.insert(pointer, (line, column));
    }

    pub(super) const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The first line of the invoice.
    pub const fn first_line(&self) -> u64 {
        self.first_line
    }

    /// Where the value at a JSON pointer came from: its cell, or the first cell below it, or its item's line, or
    /// the invoice's first line.
    pub fn of(&self, pointer: &str) -> CsvPlace {
        let below = format!("{pointer}/");
        let first_below = || {
            let mut cells = self.cells.range(below.clone()..);
            cells.next().filter(|(found, _)| !pointer.is_empty() && found.starts_with(&below)).map(|(_, cell)| cell)
        };
        match self.cells.get(pointer).or_else(first_below) {
            Some((line, column)) => CsvPlace { line: *line, column: self.column(*column) },
            None => CsvPlace { line: self.item_line(pointer).unwrap_or(self.first_line), column: None },
        }
    }

    fn column(&self, index: usize) -> Option<ColumnPlace> {
        let column = self.header.columns.get(index)?.as_ref()?;
        Some(ColumnPlace { number: index.saturating_add(1), name: column.name.clone() })
    }

    fn item_line(&self, pointer: &str) -> Option<u64> {
        let number = pointer.strip_prefix("/items/")?.split('/').next()?;
        self.items.get(number.parse::<usize>().ok()?).copied()
    }
}
