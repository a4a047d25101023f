//! The numbers, days and few-worded values of a row.

use countinghouse_domain::document::Amounts;
use countinghouse_domain::money::Currency;
use countinghouse_formats::ErrorKind;
use countinghouse_formats::parts::{Decimals, Fault};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::columns::Field;
use super::day;
use crate::document::ChargeKind;

/// What a row charges for one thing, with the signs and the rate of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawCharge {
    /// What for.
    pub kind: ChargeKind,
    /// Gross, VAT and net.
    pub amounts: Amounts,
    /// The rate as the report writes it: `0.19` or `19`; none where it has none.
    pub rate: Option<Decimal>,
}

/// What a row says besides its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The currency.
    pub currency: Currency,
    /// How many pieces; none where the report has none.
    pub quantity: Option<i64>,
    /// The day of the order.
    pub order_date: Option<Date>,
    /// The day of the shipment, or of the refund.
    pub shipment_date: Option<Date>,
    /// Whether Amazon issues the document.
    pub is_amazon_invoiced: Option<bool>,
    /// Whether the order came through Amazon Business.
    pub is_business_order: Option<bool>,
    /// Whether the buyer is established in the country of the registration.
    pub is_buyer_present: Option<bool>,
    /// Whether the seller is established in the country of the registration.
    pub is_seller_present: Option<bool>,
    /// Whether the goods left the European Union.
    pub is_export: Option<bool>,
    /// Whether the document corrects another.
    pub is_corrected: Option<bool>,
    /// The charges that the row has amounts for.
    pub charges: Vec<RawCharge>,
}

/// The four columns of a charge: gross, VAT, net, rate.
const CHARGES: [(ChargeKind, [Field; 4]); 6] = [
    (ChargeKind::Item, [Field::ItemGross, Field::ItemVat, Field::ItemNet, Field::ItemRate]),
    (ChargeKind::GiftWrap, [Field::GiftGross, Field::GiftVat, Field::GiftNet, Field::GiftRate]),
    (ChargeKind::Shipping, [Field::ShippingGross, Field::ShippingVat, Field::ShippingNet, Field::ShippingRate]),
    (
        ChargeKind::ItemPromotion,
        [Field::ItemPromoGross, Field::ItemPromoVat, Field::ItemPromoNet, Field::ItemPromoRate],
    ),
    (
        ChargeKind::GiftWrapPromotion,
        [Field::GiftPromoGross, Field::GiftPromoVat, Field::GiftPromoNet, Field::GiftPromoRate],
    ),
    (
        ChargeKind::ShippingPromotion,
        [Field::ShippingPromoGross, Field::ShippingPromoVat, Field::ShippingPromoNet, Field::ShippingPromoRate],
    ),
];

/// The highest rate that is read, in percent.
const HIGHEST_RATE: Decimal = Decimal::ONE_HUNDRED;

/// One field of a row.
#[derive(Clone, Copy)]
struct Cell<'a> {
    field: Field,
    text: &'a str,
    /// Whether an error may show the text: not where the fields of the row may be shifted.
    is_shown: bool,
}

impl Cell<'_> {
    #[cold]
    fn fault(&self, kind: ErrorKind, expected: &'static str) -> Fault {
        if self.is_shown {
            Fault::value(kind, self.field.name(), self.text, expected)
        } else {
            Fault::new(kind, "a value that is not shown", expected).in_column(self.field.name())
        }
    }

    fn date(&self) -> Result<Option<Date>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        day::parse(self.text).map(Some).ok_or_else(|| self.fault(ErrorKind::BadDate, day::A_DAY))
    }

    fn bool(&self) -> Result<Option<bool>, Fault> {
        match self.text.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(self.fault(ErrorKind::BadValue, "TRUE or FALSE")),
        }
    }

    fn quantity(&self) -> Result<Option<i64>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let quantity = self.text.parse().ok().filter(|quantity: &i64| quantity.checked_abs().is_some());
        quantity.map(Some).ok_or_else(|| self.fault(ErrorKind::BadNumber, "a whole number"))
    }

    /// A rate, as a fraction or in percent.
    fn rate(&self) -> Result<Option<Decimal>, Fault> {
        let text = self.text.strip_suffix('%').unwrap_or(self.text).trim_end();
        if text.is_empty() {
            return Ok(None);
        }
        let is_plain = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit() || b".,".contains(&byte));
        let rate = text.replace(',', ".").parse::<Decimal>().ok();
        let rate = rate.filter(|rate| is_plain && *rate <= HIGHEST_RATE);
        rate.map(Some).ok_or_else(|| self.fault(ErrorKind::BadNumber, "a rate such as 0.19 or 19"))
    }
}

/// Reads the values of rows; remembers the decimal sign of the file.
#[derive(Debug)]
pub(super) struct ValueReader {
    decimals: Decimals,
}

impl ValueReader {
    pub(super) fn new() -> Self {
        // The report exists in Europe only: amounts have two decimals.
        Self { decimals: Decimals::new(2) }
    }

    /// Reads a row. `texts` has a text for each of [`Field::ALL`].
    pub(super) fn read(&mut self, texts: &[String], is_shown: bool) -> Result<Values, Fault> {
        let cell = |field: Field| Cell { field, text: texts.get(field.index()).map_or("", String::as_str), is_shown };
        let currency = cell(Field::Currency);
        let currency = currency.text.parse().map_err(|error| {
            currency.fault(ErrorKind::BadCurrency, "a currency of ISO 4217 such as EUR").caused_by(error)
        })?;
        let mut charges = Vec::with_capacity(2);
        for (kind, [gross, vat, net, rate]) in CHARGES {
            let amounts = [self.amount(cell(gross))?, self.amount(cell(vat))?, self.amount(cell(net))?];
            let rate = cell(rate).rate()?;
            if let Some(amounts) = together(amounts, [gross, vat, net])? {
                charges.push(RawCharge { kind, amounts, rate });
            }
        }
        Ok(Values {
            currency,
            quantity: cell(Field::Quantity).quantity()?,
            order_date: cell(Field::OrderDate).date()?,
            shipment_date: cell(Field::ShipmentDate).date()?,
            is_amazon_invoiced: cell(Field::IsAmazonInvoiced).bool()?,
            is_business_order: cell(Field::IsBusinessOrder).bool()?,
            is_buyer_present: cell(Field::IsBuyerPresent).bool()?,
            is_seller_present: cell(Field::IsSellerPresent).bool()?,
            is_export: cell(Field::Export).bool()?,
            is_corrected: cell(Field::IsCorrected).bool()?,
            charges,
        })
    }

    fn amount(&mut self, cell: Cell<'_>) -> Result<Option<Decimal>, Fault> {
        if cell.text.is_empty() {
            return Ok(None);
        }
        match self.decimals.parse(cell.field.name(), cell.text.as_bytes()) {
            Ok(amount) => Ok(Some(amount)),
            Err(fault) if cell.is_shown => Err(fault),
            Err(_shown) => Err(cell.fault(ErrorKind::BadAmount, "an amount such as 12.34")),
        }
    }
}

/// Three amounts that belong together: all, or none.
fn together(amounts: [Option<Decimal>; 3], fields: [Field; 3]) -> Result<Option<Amounts>, Fault> {
    match amounts {
        [Some(gross), Some(vat), Some(net)] => Ok(Some(Amounts { gross, vat, net })),
        [None, None, None] => Ok(None),
        _ => {
            let missing = amounts.iter().zip(fields).find(|(amount, _)| amount.is_none());
            let name = missing.map_or("", |(_, field)| field.name());
            let expected = "an amount, because its neighbours have one";
            Err(Fault::new(ErrorKind::BadAmount, "no amount", expected).in_column(name))
        }
    }
}
