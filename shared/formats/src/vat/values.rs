//! The numbers, days and few-worded values of a row.

use countinghouse_domain::document::{Amounts, ComponentAmounts};
use countinghouse_domain::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::columns::{AMOUNTS, Columns, Value};
use super::date;
use super::record::Record;
use crate::error::{ErrorKind, Fault};
use crate::number::Decimals;

/// What a row says besides its texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    pub(crate) order_date: Option<Date>,
    pub(crate) shipment_date: Option<Date>,
    pub(crate) tax_calculation_date: Option<Date>,
    pub(crate) exchange_rate_date: Option<Date>,
    pub(crate) quantity: Option<i64>,
    pub(crate) tax_rate: Option<Decimal>,
    pub(crate) exchange_rate: Option<Decimal>,
    pub(crate) converted_vat: Decimal,
    pub(crate) is_corrected: Option<bool>,
    pub(crate) is_export: Option<bool>,
    pub(crate) is_amazon_invoiced: Option<bool>,
    pub(crate) components: [ComponentAmounts; 3],
}

/// Remembers what rows have in common.
#[derive(Debug)]
pub(crate) struct ValueReader {
    decimals: Decimals,
    /// The present row's currency.
    pub(crate) currency: Currency,
    pub(crate) values: Values,
}

impl Default for ValueReader {
    fn default() -> Self {
        // VAT reports are European: amounts have two decimals.
        Self { decimals: Decimals::new(2), currency: Currency::EUR, values: Values::default() }
    }
}

/// One field of a row.
#[derive(Clone, Copy)]
struct Field<'a> {
    name: &'static str,
    text: &'a [u8],
    /// Whether an error may show the text.
    is_shown: bool,
}

impl Field<'_> {
    #[cold]
    fn fault(&self, kind: ErrorKind, expected: &'static str) -> Fault {
        if self.is_shown {
            Fault::bytes(kind, self.name, self.text, expected)
        } else {
            Fault::new(kind, "a value that is not shown", expected).in_column(self.name)
        }
    }

    fn date(&self) -> Result<Option<Date>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        date::parse(self.text).map(Some).ok_or_else(|| self.fault(ErrorKind::BadDate, date::A_DATE))
    }

    fn bool(&self) -> Result<Option<bool>, Fault> {
        if self.text.is_empty() {
            Ok(None)
        } else if self.text.eq_ignore_ascii_case(b"true") {
            Ok(Some(true))
        } else if self.text.eq_ignore_ascii_case(b"false") {
            Ok(Some(false))
        } else {
            Err(self.fault(ErrorKind::BadValue, "true or false"))
        }
    }

    fn quantity(&self) -> Result<Option<i64>, Fault> {
        match self.text {
            [] => Ok(None),
            [digit @ b'0'..=b'9'] => Ok(Some(i64::from(digit.wrapping_sub(b'0')))),
            text => match std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
                Some(quantity) => Ok(Some(quantity)),
                None => Err(self.fault(ErrorKind::BadNumber, "a whole number")),
            },
        }
    }

    /// A rate: digits, a point or a comma, digits. There are no thousands in a rate.
    fn rate(&self, largest: i64, expected: &'static str) -> Result<Option<Decimal>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let rate = fraction(self.text).filter(|rate| *rate <= Decimal::from(largest));
        rate.map(Some).ok_or_else(|| self.fault(ErrorKind::BadNumber, expected))
    }
}

/// Digits, and at most one point or comma between them; at most 18 digits.
fn fraction(text: &[u8]) -> Option<Decimal> {
    let mut units = 0_i64;
    let mut decimals = None;
    for byte in text {
        match (byte.wrapping_sub(b'0'), decimals) {
            (digit @ 0..=9, _) => {
                units = units.checked_mul(10)?.checked_add(i64::from(digit))?;
                decimals = decimals.map(|count: u32| count + 1);
            }
            (_, None) if *byte == b'.' || *byte == b',' => decimals = Some(0),
            _ => return None,
        }
    }
    let bounded = (1..=19).contains(&text.len()) && decimals != Some(0) && text.first()?.is_ascii_digit();
    bounded.then(|| Decimal::new(units, decimals.unwrap_or_default()))
}

impl ValueReader {
    /// Reads the values of a row.
    #[inline]
    pub(crate) fn read(&mut self, line: &[u8], record: &Record, columns: &Columns) -> Result<(), Fault> {
        let field = |value: Value, index: usize| Field {
            name: value.name(),
            text: record.bytes(line, index),
            is_shown: index < columns.first_personal,
        };
        let [
            ordered,
            shipped,
            calculated,
            rated,
            quantity,
            rate,
            currency,
            exchange,
            converted,
            corrected,
            export,
            invoiced,
        ] = columns.values;
        let values = &mut self.values;
        values.order_date = field(Value::OrderDate, ordered).date()?;
        values.shipment_date = field(Value::ShipmentDate, shipped).date()?;
        values.tax_calculation_date = field(Value::TaxCalculationDate, calculated).date()?;
        values.exchange_rate_date = field(Value::ExchangeRateDate, rated).date()?;
        values.quantity = field(Value::Quantity, quantity).quantity()?;
        values.tax_rate = field(Value::TaxRate, rate).rate(1, "a rate such as 0.1900")?;
        let exchange = field(Value::ExchangeRate, exchange).rate(1_000_000, "a rate such as 5.5685")?;
        values.exchange_rate = exchange.filter(|rate| !rate.is_zero());
        values.is_corrected = field(Value::IsCorrected, corrected).bool()?;
        values.is_export = field(Value::IsExport, export).bool()?;
        values.is_amazon_invoiced = field(Value::IsAmazonInvoiced, invoiced).bool()?;
        let converted = self.amount(field(Value::ConvertedVat, converted))?;
        self.values.converted_vat = converted.unwrap_or_default();
        self.read_currency(field(Value::Currency, currency))?;
        self.read_amounts(line, record, columns)
    }

    fn read_currency(&mut self, field: Field<'_>) -> Result<(), Fault> {
        if field.text == self.currency.code().as_bytes() {
            return Ok(());
        }
        let currency = std::str::from_utf8(field.text).ok().and_then(|code| code.parse().ok());
        self.currency =
            currency.ok_or_else(|| field.fault(ErrorKind::BadCurrency, "a currency of ISO 4217 such as EUR"))?;
        Ok(())
    }

    /// An amount; none where the report has nothing there.
    #[inline]
    fn amount(&mut self, field: Field<'_>) -> Result<Option<Decimal>, Fault> {
        match field.text {
            b"" => Ok(None),
            // What most amounts are.
            b"0.00" => Ok(Some(Decimal::new(0, 2))),
            text => match self.decimals.parse(field.name, text) {
                Ok(amount) => Ok(Some(amount)),
                Err(fault) if field.is_shown => Err(fault),
                Err(_shown) => Err(field.fault(ErrorKind::BadAmount, "an amount such as 12.34")),
            },
        }
    }

    #[inline]
    fn read_amounts(&mut self, line: &[u8], record: &Record, columns: &Columns) -> Result<(), Fault> {
        let mut components = [ComponentAmounts::default(); 3];
        let blocks = components.iter_mut().flat_map(|component| [&mut component.price, &mut component.promotion]);
        let fields = columns.amounts.as_chunks::<3>().0.iter().zip(AMOUNTS.as_chunks::<3>().0);
        for (block, ([gross, vat, net], [gross_name, vat_name, net_name])) in blocks.zip(fields) {
            let field = |name, index: usize| Field {
                name,
                text: record.bytes(line, index),
                is_shown: index < columns.first_personal,
            };
            let read = [
                self.amount(field(gross_name, *gross))?,
                self.amount(field(vat_name, *vat))?,
                self.amount(field(net_name, *net))?,
            ];
            *block = match read {
                [Some(gross), Some(vat), Some(net)] => Amounts { gross, vat, net },
                // Nothing was charged. Real reports write 0.00 there.
                [None, None, None] => Amounts::default(),
                [gross, vat, _] => {
                    let name = if gross.is_none() {
                        gross_name
                    } else if vat.is_none() {
                        vat_name
                    } else {
                        net_name
                    };
                    let expected = "an amount, because its neighbours have one";
                    return Err(Fault::new(ErrorKind::BadAmount, "no amount", expected).in_column(name));
                }
            };
        }
        self.values.components = components;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_digits_and_at_most_one_point_or_comma() {
        for (text, rate) in
            [("0.1900", "0.1900"), ("0.2", "0.2"), ("0,2", "0.2"), ("0", "0"), ("25.12345678", "25.12345678")]
        {
            assert_eq!(fraction(text.as_bytes()), Some(rate.parse().unwrap()), "{text}");
        }
        for text in ["", ".", "0.", ".2", "-0.2", "0.1.9", "1e1", "0,1.9", "0.19 ", "99999999999999999999", "\u{663}"] {
            assert_eq!(fraction(text.as_bytes()), None, "{text}");
        }
    }
}
