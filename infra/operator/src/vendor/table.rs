//! The table for people. It is written as it comes, so that the memory does not grow with the files.

use std::fmt::Write as _;
use std::io::{self, Write};

use countinghouse_vendor_invoices::{Draft, Node, Warning, csv};

use super::judge::Judged;

/// How many invoices decide the widths of the columns.
const ROWS_FOR_WIDTHS: usize = 50;
/// A longer text pushes the rest of its row to the right.
const MOST_WIDTH: usize = 32;
const COLUMNS: usize = 6;
/// The column of amounts, which stand to the right.
const TOTAL: usize = 3;
const HEADER: [&str; COLUMNS] = ["invoice", "API", "region", "total", "result", "reading"];

/// One row, and what stands below it.
struct Row {
    cells: [String; COLUMNS],
    below: Vec<String>,
}

/// Writes it.
pub(super) struct Table<W: Write> {
    output: W,
    /// The rows that wait until the widths are known.
    waiting: Vec<Row>,
    widths: Option<[usize; COLUMNS]>,
}

impl<W: Write> Table<W> {
    pub(super) const fn new(output: W) -> Self {
        Self { output, waiting: Vec::new(), widths: None }
    }

    pub(super) fn write(&mut self, judged: &Judged) -> io::Result<()> {
        let row = row(judged);
        if let Some(widths) = self.widths {
            return write_row(&mut self.output, &row, &widths);
        }
        self.waiting.push(row);
        if self.waiting.len() >= ROWS_FOR_WIDTHS { self.write_waiting() } else { Ok(()) }
    }

    /// Writes what still waits.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.write_waiting()?;
        }
        self.output.flush()
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        let mut widths = HEADER.map(width);
        for row in &self.waiting {
            for (widest, cell) in widths.iter_mut().zip(&row.cells) {
                *widest = width(cell).min(MOST_WIDTH).max(*widest);
            }
        }
        self.widths = Some(widths);
        let header = Row { cells: HEADER.map(ToOwned::to_owned), below: Vec::new() };
        write_row(&mut self.output, &header, &widths)?;
        let rule = Row { cells: widths.map(|width| "─".repeat(width)), below: Vec::new() };
        write_row(&mut self.output, &rule, &widths)?;
        for row in std::mem::take(&mut self.waiting) {
            write_row(&mut self.output, &row, &widths)?;
        }
        Ok(())
    }
}

/// The width in a terminal, near enough: ids and amounts are narrow signs.
fn width(text: &str) -> usize {
    text.chars().count()
}

fn write_row(output: &mut impl Write, row: &Row, widths: &[usize; COLUMNS]) -> io::Result<()> {
    let mut line = String::new();
    for (number, (cell, width)) in row.cells.iter().zip(widths).enumerate() {
        let gap = if number == 0 { "" } else { "  " };
        let width = *width;
        line.push_str(gap);
        let _infallible = if number == TOTAL { write!(line, "{cell:>width$}") } else { write!(line, "{cell:<width$}") };
    }
    writeln!(output, "{}", line.trim_end())?;
    for line in &row.below {
        writeln!(output, "  {line}")?;
    }
    Ok(())
}

fn row(judged: &Judged) -> Row {
    let Judged { draft, checked, places } = judged;
    let result = match (checked.violations.len(), checked.warnings.len()) {
        (0, 0) => "accepted".to_owned(),
        (0, warnings) => format!("accepted, {}", counted(warnings, "warning")),
        (violations, _) => format!("rejected, {}", counted(violations, "violation")),
    };
    let cells = [
        plain(checked.id.as_deref().unwrap_or("(no id)")),
        checked.api.name().to_owned(),
        checked.region.name().to_owned(),
        total(draft),
        result,
        plain(&checked.reading.as_ref().map(ToString::to_string).unwrap_or_default()),
    ];
    let mut below = Vec::new();
    for violation in &checked.violations {
        below.push(format!("✗ {}", place(&violation.pointer, places.as_ref())));
        below.push(format!("    rule      {}", violation.rule));
        below.push(format!("    expected  {}", plain(&violation.expected)));
        below.push(format!("    found     {}", plain(&violation.found)));
    }
    below.extend(warnings(&checked.warnings, places.as_ref()));
    Row { cells, below }
}

/// What is said of several places alike is said once.
fn warnings(warnings: &[Warning], places: Option<&csv::Places>) -> Vec<String> {
    let same = |left: &Warning, right: &Warning| (left.rule, &left.text) == (right.rule, &right.text);
    let mut lines = Vec::new();
    for (position, warning) in warnings.iter().enumerate() {
        if warnings.iter().take(position).any(|earlier| same(earlier, warning)) {
            continue;
        }
        let more = warnings.iter().skip(position.saturating_add(1)).filter(|later| same(later, warning)).count();
        let more = if more > 0 { format!(", and {}", counted(more, "more place")) } else { String::new() };
        lines.push(format!("! {}{more}", place(&warning.pointer, places)));
        lines.push(format!("    {}: {}", warning.rule, plain(&warning.text)));
    }
    lines
}

/// The JSON pointer and, for CSV, the line and column.
fn place(pointer: &str, places: Option<&csv::Places>) -> String {
    let shown = if pointer.is_empty() { "(the whole invoice)".to_owned() } else { plain(pointer) };
    places.map_or_else(|| shown.clone(), |places| format!("{shown}, {}", places.of(pointer)))
}

/// The total as it was written.
fn total(draft: &Draft) -> String {
    let part = |name: &str| match draft.node().get("invoiceTotal").and_then(|total| total.get(name)) {
        Some(Node::Text(text) | Node::Number(text)) => plain(text),
        Some(Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_)) | None => String::new(),
    };
    format!("{} {}", part("amount"), part("currencyCode")).trim().to_owned()
}

/// Without signs that a terminal obeys, and not endless.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(400).collect()
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
