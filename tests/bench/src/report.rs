//! The table.

use std::fmt;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    what: String,
    measured: String,
    target: String,
    met: Option<bool>,
}

impl Report {
    /// A figure that is only told.
    pub(crate) fn tell(&mut self, what: impl Into<String>, measured: impl Into<String>) {
        self.lines.push(Line { what: what.into(), measured: measured.into(), target: String::new(), met: None });
    }

    /// A figure with a target.
    pub(crate) fn hold(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        target: impl Into<String>,
        met: bool,
    ) {
        self.lines.push(Line { what: what.into(), measured: measured.into(), target: target.into(), met: Some(met) });
    }

    /// Whether no target was missed.
    pub(crate) fn all_met(&self) -> bool {
        self.lines.iter().all(|line| line.met != Some(false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
        let mut table = Table::new();
        table.load_style(style).set_header(["what", "measured", "target", ""]);
        for Line { what, measured, target, met } in &self.lines {
            let verdict = match met {
                None => "",
                Some(true) => "met",
                Some(false) => "MISSED",
            };
            table.add_row([what, measured, target, verdict]);
        }
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        write!(f, "{table}")
    }
}
