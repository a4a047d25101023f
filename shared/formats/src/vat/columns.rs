//! The header of the VAT report: columns are found by their names, in any order and of any year.

use countinghouse_domain::document::Text;

use crate::error::{ErrorKind, Fault};

/// A column that the header does not have: beyond every row.
pub(crate) const ABSENT: usize = usize::MAX;

/// Columns that hold numbers, days, words of a few or a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    OrderDate,
    ShipmentDate,
    TaxCalculationDate,
    ExchangeRateDate,
    Quantity,
    TaxRate,
    Currency,
    ExchangeRate,
    ConvertedVat,
    IsCorrected,
    IsExport,
    IsAmazonInvoiced,
}

impl Value {
    pub(crate) const ALL: [Self; 12] = [
        Self::OrderDate,
        Self::ShipmentDate,
        Self::TaxCalculationDate,
        Self::ExchangeRateDate,
        Self::Quantity,
        Self::TaxRate,
        Self::Currency,
        Self::ExchangeRate,
        Self::ConvertedVat,
        Self::IsCorrected,
        Self::IsExport,
        Self::IsAmazonInvoiced,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OrderDate => "Order Date",
            Self::ShipmentDate => "Shipment Date",
            Self::TaxCalculationDate => "Tax Calculation Date",
            Self::ExchangeRateDate => "Invoice Level Exchange Rate Date",
            Self::Quantity => "Quantity",
            Self::TaxRate => "Tax Rate",
            Self::Currency => "Currency",
            Self::ExchangeRate => "Invoice Level Exchange Rate",
            Self::ConvertedVat => "Converted Tax Amount",
            Self::IsCorrected => "Is Invoice Corrected",
            Self::IsExport => "Export Outside EU",
            Self::IsAmazonInvoiced => "Is Amazon Invoiced",
        }
    }
}

/// The columns with amounts: for item, shipping and gift wrap the price and the promotion, each with gross,
/// VAT and net.
pub(crate) const AMOUNTS: [&str; 18] = [
    "OUR_PRICE Tax Inclusive Selling Price",
    "OUR_PRICE Tax Amount",
    "OUR_PRICE Tax Exclusive Selling Price",
    "OUR_PRICE Tax Inclusive Promo Amount",
    "OUR_PRICE Tax Amount Promo",
    "OUR_PRICE Tax Exclusive Promo Amount",
    "SHIPPING Tax Inclusive Selling Price",
    "SHIPPING Tax Amount",
    "SHIPPING Tax Exclusive Selling Price",
    "SHIPPING Tax Inclusive Promo Amount",
    "SHIPPING Tax Amount Promo",
    "SHIPPING Tax Exclusive Promo Amount",
    "GIFTWRAP Tax Inclusive Selling Price",
    "GIFTWRAP Tax Amount",
    "GIFTWRAP Tax Exclusive Selling Price",
    "GIFTWRAP Tax Inclusive Promo Amount",
    "GIFTWRAP Tax Amount Promo",
    "GIFTWRAP Tax Exclusive Promo Amount",
];

/// Without these, and without the amounts, a row cannot be booked. Every header since 2019 has them.
const NEEDED: &[&str] = &[
    "Marketplace ID",
    "Transaction Type",
    "Order ID",
    "Shipment Date",
    "Shipment ID",
    "Transaction ID",
    "SKU",
    "Quantity",
    "Tax Calculation Date",
    "Tax Rate",
    "Currency",
    "Buyer Tax Registration",
    "VAT Invoice Number",
    "Export Outside EU",
    "Ship From Country",
    "Ship To Country",
];

/// Columns that were added over the years: an older report is whole without them.
const ADDED_LATER: &[&str] = &[
    "Is Invoice Corrected",
    "Tax Reporting Scheme",
    "Tax Collection Responsibility",
    "Original VAT Invoice Number",
    "Invoice Correction Details",
    "E-Invoice Delivery Status",
    "E-Invoice Error Code",
    "E-Invoice Error Description",
    "E-Invoice Status Last Updated Date",
    "EInvoice URL",
    "Buyer Peppol Id",
    "Seller Peppol Id",
    "Buyer NIP",
    "Seller NIP",
    "KSeF Number",
    "Seller SIREN",
    "Buyer SIREN",
    "Seller SIRET",
    "Buyer SIRET",
    "Seller Routing Code",
    "Buyer Routing Code",
];

/// What columns were called before 2026.
const FORMER_NAMES: &[(&str, &str)] = &[
    ("SDI Invoice Delivery Status", "E-Invoice Delivery Status"),
    ("SDI Invoice Error Code", "E-Invoice Error Code"),
    ("SDI Invoice Error Description", "E-Invoice Error Description"),
    ("SDI Invoice Status Last Updated Date", "E-Invoice Status Last Updated Date"),
];

/// Where the columns are.
#[derive(Debug)]
pub(crate) struct Columns {
    /// The text columns that the report has.
    pub(crate) texts: Vec<(Text, usize)>,
    /// The amounts, in the order of [`AMOUNTS`].
    pub(crate) amounts: [usize; AMOUNTS.len()],
    /// The values, in the order of [`Value::ALL`].
    pub(crate) values: [usize; Value::ALL.len()],
    /// The columns that are not known.
    pub(crate) unknown: Vec<(usize, String)>,
    /// Known columns that the header does not have, though every report of its time has them.
    pub(crate) missing: Vec<&'static str>,
    /// How many columns the header has.
    pub(crate) count: usize,
    /// How many fields a row must have at least: up to the last column that is needed.
    pub(crate) least: usize,
    /// The first column that may be personal: from here on no error shows a value, because a row may be shifted.
    pub(crate) first_personal: usize,
}

impl Columns {
    /// Reads a header.
    pub(crate) fn parse(names: &[&str]) -> Result<Self, Fault> {
        let header = Header(names.iter().map(|name| current_name(name)).collect());
        header.check_twice()?;
        let mut least = 0;
        for name in NEEDED.iter().chain(&AMOUNTS) {
            least = least.max(header.find(name).ok_or_else(|| lacks(name))? + 1);
        }
        let texts: Vec<_> = Text::ALL.iter().filter_map(|text| Some((*text, header.find(text.name())?))).collect();
        let place = |name: &str| header.find(name).unwrap_or(ABSENT);
        let personal = texts.iter().filter(|(text, _)| text.is_personal()).map(|(_, index)| *index).min();
        let unknown = header.unknown();
        let first_unknown = unknown.first().map(|(index, _)| *index);
        Ok(Self {
            amounts: AMOUNTS.map(place),
            values: Value::ALL.map(|value| place(value.name())),
            missing: header.missing(),
            count: header.0.len(),
            least,
            first_personal: personal.into_iter().chain(first_unknown).min().unwrap_or(ABSENT),
            texts,
            unknown,
        })
    }

    /// Whether a line with these fields is the header of a VAT report.
    pub(crate) fn are_known(names: &[&str]) -> bool {
        NEEDED.iter().all(|needed| names.iter().any(|name| name.eq_ignore_ascii_case(needed)))
    }
}

fn current_name(name: &str) -> &str {
    let name = name.trim_start_matches('\u{feff}');
    let former = FORMER_NAMES.iter().find(|(former, _)| former.eq_ignore_ascii_case(name));
    former.map_or(name, |(_, current)| current)
}

fn lacks(name: &str) -> Fault {
    let expected = "the header of SC_VAT_TAX_REPORT, in English";
    Fault::new(ErrorKind::BadHeader, "the header does not have the column", expected).in_column(name)
}

fn known_names() -> impl Iterator<Item = &'static str> {
    let texts = Text::ALL.iter().map(|text| text.name());
    texts.chain(Value::ALL.iter().map(|value| value.name())).chain(AMOUNTS)
}

struct Header<'a>(Vec<&'a str>);

impl Header<'_> {
    fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|each| each.eq_ignore_ascii_case(name))
    }

    fn check_twice(&self) -> Result<(), Fault> {
        for (index, name) in self.0.iter().enumerate() {
            let again = self.0.iter().skip(index + 1).any(|other| other.eq_ignore_ascii_case(name));
            if !name.is_empty() && again {
                let fault = Fault::new(ErrorKind::BadHeader, "the column is there twice", "each column once");
                return Err(fault.in_column(name));
            }
        }
        Ok(())
    }

    /// A column without a name is kept as unknown too: it must not hide values.
    fn unknown(&self) -> Vec<(usize, String)> {
        let is_known = |name: &str| known_names().any(|known| known.eq_ignore_ascii_case(name));
        let unknown = self.0.iter().enumerate().filter(|(_, name)| !is_known(name));
        let shown = |index: usize, name: &str| {
            if name.is_empty() { format!("column {}", index + 1) } else { name.chars().take(80).collect() }
        };
        unknown.map(|(index, name)| (index, shown(index, name))).collect()
    }

    fn missing(&self) -> Vec<&'static str> {
        known_names().filter(|name| self.find(name).is_none() && !ADDED_LATER.contains(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_or_came_later_is_known() {
        for name in NEEDED.iter().chain(ADDED_LATER).chain(FORMER_NAMES.iter().map(|(_, current)| current)) {
            assert!(known_names().any(|known| known == *name), "{name}");
        }
        // 84 columns since 2026.
        assert_eq!(known_names().count(), 84);
    }

    #[test]
    fn a_missing_column_is_named() {
        for lost in NEEDED.iter().chain(&AMOUNTS) {
            let names: Vec<&str> = known_names().filter(|name| name != lost).collect();
            let error = Columns::parse(&names).unwrap_err().at("r", 1);
            assert_eq!((error.kind(), error.column()), (ErrorKind::BadHeader, Some(*lost)));
        }
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused() {
        let names: Vec<&str> = known_names().chain(["sku"]).collect();
        assert_eq!(Columns::parse(&names).unwrap_err().at("r", 1).column(), Some("SKU"));
    }

    #[test]
    fn a_column_without_a_name_is_unknown_and_named_by_its_place() {
        let names: Vec<&str> = known_names().chain(["", "New Column"]).collect();
        let columns = Columns::parse(&names).unwrap();
        assert_eq!(columns.unknown, [(84, "column 85".to_owned()), (85, "New Column".to_owned())]);
    }
}
