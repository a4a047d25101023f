//! One row of the VAT report.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Amounts, Component, ComponentAmounts, Text};
use crate::money::Currency;

/// One row of the VAT report, borrowed from the reader's buffer: it becomes exactly one line of one document.
///
/// Texts are trimmed; an empty text means that the report has none. They are reached by accessors that are
/// named after the columns, for example [`VatRow::order_id`].
#[derive(Clone, PartialEq, Eq)]
pub struct VatRow<'a> {
    /// The line of the file on which the row starts; the first line is 1.
    pub line: u64,
    /// The text columns, each at its [`Text::index`].
    pub texts: [&'a str; Text::COUNT],
    /// When the order was placed.
    pub order_date: Option<Date>,
    /// When the goods left; on a return, when they came back.
    pub shipment_date: Option<Date>,
    /// When the tax was calculated: on real rows the day of the order.
    pub tax_calculation_date: Option<Date>,
    /// How many pieces; positive also on credit notes.
    pub quantity: Option<i64>,
    /// The rate as a fraction, `0.19` for 19 %.
    pub tax_rate: Option<Decimal>,
    /// The currency of every amount of the row but the converted one.
    pub currency: Currency,
    /// The amounts of the item, the shipping and the gift wrap.
    pub components: [ComponentAmounts; 3],
    /// The rate between the two currencies of the invoice; none where the report says `0.0000`.
    pub exchange_rate: Option<Decimal>,
    /// The day of that rate.
    pub exchange_rate_date: Option<Date>,
    /// The VAT in the invoice's second currency.
    pub converted_vat: Decimal,
    /// Whether the row corrects an earlier invoice.
    pub is_corrected: Option<bool>,
    /// Whether the goods left the European Union.
    pub is_export: Option<bool>,
    /// Whether Amazon issued the document in the seller's name.
    pub is_amazon_invoiced: Option<bool>,
    /// The columns that no table knows, with their names; treated as personal.
    pub extra: Vec<(&'a str, &'a str)>,
}

impl<'a> VatRow<'a> {
    /// A row with nothing but its place and currency; tests and readers fill in the rest.
    pub fn empty(line: u64, currency: Currency) -> Self {
        Self {
            line,
            texts: [""; Text::COUNT],
            order_date: None,
            shipment_date: None,
            tax_calculation_date: None,
            quantity: None,
            tax_rate: None,
            currency,
            components: [ComponentAmounts::default(); 3],
            exchange_rate: None,
            exchange_rate_date: None,
            converted_vat: Decimal::ZERO,
            is_corrected: None,
            is_export: None,
            is_amazon_invoiced: None,
            extra: Vec::new(),
        }
    }

    /// The text of one column; empty where the report has none.
    pub fn text(&self, column: Text) -> &'a str {
        self.texts.get(column.index()).copied().unwrap_or_default()
    }

    /// Puts a text into a column.
    pub fn set(&mut self, column: Text, text: &'a str) {
        if let Some(place) = self.texts.get_mut(column.index()) {
            *place = text;
        }
    }

    /// The same row with another text in one column.
    #[must_use]
    pub fn with(mut self, column: Text, text: &'a str) -> Self {
        self.set(column, text);
        self
    }

    /// The same row with other amounts in one component.
    #[must_use]
    pub fn with_amounts(mut self, component: Component, price: Amounts, promotion: Amounts) -> Self {
        if let Some(place) = self.components.get_mut(component.index()) {
            *place = ComponentAmounts { price, promotion };
        }
        self
    }

    /// The amounts of one component.
    pub fn component(&self, component: Component) -> ComponentAmounts {
        self.components.get(component.index()).copied().unwrap_or_default()
    }
}

/// Shows what finds the row again, and nothing that is personal.
impl fmt::Debug for VatRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VatRow")
            .field("line", &self.line)
            .field("transaction_type", &self.transaction_type())
            .field("invoice_number", &self.invoice_number())
            .field("order_id", &self.order_id())
            .field("transaction_id", &self.transaction_id())
            .field("currency", &self.currency)
            .field("components", &self.components)
            .finish_non_exhaustive()
    }
}
