//! `countinghouse vendor rules`: what is checked.

use std::fmt::Write;

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use countinghouse_vendor_invoices::{Notice, Rule};

/// Print the rules: each with its name, where it comes from and what it means
///
/// It comes from Amazon's model of the API (`model`), Amazon's business requirements (`requirements`), Amazon's
/// table of countries (`table`), or it is our own judgement (`ours`).
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write the tables in Markdown, as they stand in the README
    #[arg(long)]
    markdown: bool,
}

/// A line under the header and nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Both tables.
pub(crate) fn text(arguments: &Arguments) -> String {
    let rules = Rule::ALL.iter().map(|rule| [rule.name(), rule.source(), rule.description()]);
    let notices = Notice::ALL.iter().map(|notice| [notice.name(), notice.source(), notice.description()]);
    let write = if arguments.markdown { markdown } else { plain };
    let mut text = String::new();
    text.push_str(&write(["rule", "from", "an invoice is rejected unless"], &mut rules.into_iter()));
    text.push('\n');
    text.push_str(&write(["warning", "from", "an invoice is accepted, but"], &mut notices.into_iter()));
    text
}

type Rows<'a> = &'a mut dyn Iterator<Item = [&'static str; 3]>;

fn markdown(header: [&str; 3], rows: Rows<'_>) -> String {
    let mut text = format!("| {} |\n|---|---|---|\n", header.join(" | "));
    for [name, source, description] in rows {
        let _infallible = writeln!(text, "| `{name}` | {source} | {description} |");
    }
    text
}

fn plain(header: [&str; 3], rows: Rows<'_>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let mut text = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}
