//! `countinghouse vendor template`: a CSV file to fill in.

use std::fmt::Write;

use clap::ValueEnum;
use countinghouse_vendor_invoices::Api;
use countinghouse_vendor_invoices::csv;

/// Print a CSV file to fill in, with example lines; or the list of all columns
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which of Amazon's two APIs the invoices are for
    #[arg(long, value_enum, default_value = "retail")]
    api: ApiName,

    /// Print every column that may be there: its name, what stands in it, and where it goes in Amazon's invoice
    ///
    /// A # stands for the number of a repeated group: `tax_#_type` is `tax_1_type`, `tax_2_type` and so on. A column
    /// of the invoice needs to be filled on its first line only; an item's column, on each line.
    #[arg(long)]
    columns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ApiName {
    Retail,
    DirectFulfillment,
}

/// The file, or the list.
pub(crate) fn text(arguments: &Arguments) -> String {
    let api = match arguments.api {
        ApiName::Retail => Api::Retail,
        ApiName::DirectFulfillment => Api::DirectFulfillment,
    };
    if arguments.columns { columns(api) } else { csv::template(api).to_owned() }
}

/// As CSV, for a spreadsheet is what it is read in.
fn columns(api: Api) -> String {
    let mut text = String::from("column,belongs to,holds,place in Amazon's invoice,meaning\n");
    for column in csv::columns() {
        let place = match api {
            Api::Retail => &column.retail,
            Api::DirectFulfillment => &column.direct_fulfillment,
        };
        // What says how to read the lines has no place in the invoice.
        let is_for_lines = column.retail.is_none() && column.direct_fulfillment.is_none();
        if place.is_none() && !is_for_lines {
            continue;
        }
        let belongs_to = if column.is_of_item() { "item" } else { "invoice" };
        let (name, kind, place) = (&column.name, column.kind.name(), place.as_deref().unwrap_or_default());
        let _infallible = writeln!(text, "{name},{belongs_to},{kind},{place},\"{}\"", column.meaning);
    }
    text
}
