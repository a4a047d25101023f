//! The table for people. It is written as the documents are made, so that the memory does not grow with them.

use std::io::{self, Write};

use countinghouse_vat_invoices::upload::two_decimals;

use super::made::Made;

const HEADER: [&str; COLUMNS] = ["document", "kind", "country", "gross", "VAT", "", "pages", "checks"];
const COLUMNS: usize = 8;
/// The columns of numbers, which stand to the right.
const NUMBERS: [usize; 3] = [3, 4, 6];
/// What every table has room for; a longer text pushes the rest of its row to the right.
const LEAST: [usize; COLUMNS] = [18, 11, 9, 9, 8, 3, 5, 6];

/// Writes it.
#[derive(Debug, Default)]
pub(super) struct Table {
    widths: Option<[usize; COLUMNS]>,
}

impl Table {
    /// Writes some rows; the first ones decide the widths.
    pub(super) fn write(&mut self, output: &mut impl Write, made: &[Made]) -> io::Result<()> {
        if made.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = made.iter().map(row).collect();
        let is_first = self.widths.is_none();
        let widths = *self.widths.get_or_insert_with(|| widths(&rows));
        if is_first {
            write_row(output, &HEADER.map(str::to_owned), &widths)?;
            let line: usize = widths.iter().sum::<usize>() + 2 * (COLUMNS - 1);
            writeln!(output, "{}", "─".repeat(line))?;
        }
        rows.iter().try_for_each(|row| write_row(output, row, &widths))
    }
}

fn row(made: &Made) -> [String; COLUMNS] {
    let mut checks = made.passed.join(", ");
    if !made.notes.is_empty() {
        checks.push_str(", see below");
    }
    if made.files.unchanged {
        checks.push_str(", there already");
    }
    [
        made.number.to_string(),
        made.document.kind.words().to_owned(),
        made.country(),
        two_decimals(made.document.total.gross),
        two_decimals(made.document.total.vat),
        made.document.currency.to_string(),
        made.pages.to_string(),
        checks,
    ]
}

fn widths(rows: &[[String; COLUMNS]]) -> [usize; COLUMNS] {
    let mut widths = LEAST;
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    widths
}

fn write_row(output: &mut impl Write, row: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> io::Result<()> {
    let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
        if NUMBERS.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    });
    writeln!(output, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())
}
