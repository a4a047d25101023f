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
    text: &'a str,
    /// Whether an error may show the text.
    is_shown: bool,
}

impl Field<'_> {
    #[cold]
    fn fault(&self, kind: ErrorKind, expected: &'static str) -> Fault {
        if self.is_shown {
            Fault::value(kind, self.name, self.text, expected)
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
        } else if self.text.eq_ignore_ascii_case("true") {
            Ok(Some(true))
        } else if self.text.eq_ignore_ascii_case("false") {
            Ok(Some(false))
        } else {
            Err(self.fault(ErrorKind::BadValue, "true or false"))
        }
    }

    fn quantity(&self) -> Result<Option<i64>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        self.text.parse().map(Some).map_err(|_no_number| self.fault(ErrorKind::BadNumber, "a whole number"))
    }

    /// A rate: digits, a point or a comma, digits. There are no thousands in a rate.
    fn rate(&self, largest: i64, expected: &'static str) -> Result<Option<Decimal>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.' || byte == b',';
        let digits = self.text.bytes().filter(u8::is_ascii_digit).count();
        let rate = if self.text.bytes().all(plain) && (1..=20).contains(&digits) && self.text.len() <= digits + 1 {
            self.text.replace(',', ".").parse().ok().filter(|rate| *rate <= Decimal::from(largest))
        } else {
            None
        };
        rate.map(Some).ok_or_else(|| self.fault(ErrorKind::BadNumber, expected))
    }
}

impl ValueReader {
    /// Reads the values of a row.
    #[inline]
    pub(crate) fn read(&mut self, line: &str, record: &Record, columns: &Columns) -> Result<(), Fault> {
        let field = |value: Value, index: usize| Field {
            name: value.name(),
            text: record.get(line, index),
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
        if field.text != self.currency.code() {
            let currency = field.text.parse();
            self.currency = currency
                .map_err(|_unknown| field.fault(ErrorKind::BadCurrency, "a currency of ISO 4217 such as EUR"))?;
        }
        Ok(())
    }

    /// An amount; none where the report has nothing there.
    #[inline]
    fn amount(&mut self, field: Field<'_>) -> Result<Option<Decimal>, Fault> {
        match field.text {
            "" => Ok(None),
            // What most amounts are.
            "0.00" => Ok(Some(Decimal::new(0, 2))),
            text => match self.decimals.parse(field.name, text.as_bytes()) {
                Ok(amount) => Ok(Some(amount)),
                Err(fault) if field.is_shown => Err(fault),
                Err(_shown) => Err(field.fault(ErrorKind::BadAmount, "an amount such as 12.34")),
            },
        }
    }

    #[inline]
    fn read_amounts(&mut self, line: &str, record: &Record, columns: &Columns) -> Result<(), Fault> {
        let mut components = [ComponentAmounts::default(); 3];
        let blocks = components.iter_mut().flat_map(|component| [&mut component.price, &mut component.promotion]);
        let fields = columns.amounts.as_chunks::<3>().0.iter().zip(AMOUNTS.as_chunks::<3>().0);
        for (block, ([gross, vat, net], [gross_name, vat_name, net_name])) in blocks.zip(fields) {
            let field = |name, index: usize| Field {
                name,
                text: record.get(line, index),
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
