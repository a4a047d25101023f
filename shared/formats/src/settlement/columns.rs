//! The columns of a flat settlement file, found by their names.

use countinghouse_domain::settlement::Layout;

use crate::error::{ErrorKind, Fault};

/// A column that the header does not have: beyond every row.
pub(crate) const ABSENT: usize = usize::MAX;

/// Where a text of an amount comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFrom {
    /// The same for every amount of the column.
    Fixed(&'static str),
    /// Another column of the row.
    Column(usize),
}

/// A column that holds amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AmountColumn {
    pub(crate) name: &'static str,
    pub(crate) amount: usize,
    pub(crate) amount_type: TextFrom,
    pub(crate) description: TextFrom,
}

macro_rules! columns {
    ($($field:ident = $name:literal),* $(,)?) => {
        /// Where the columns are that both layouts have.
        #[derive(Debug)]
        pub(crate) struct Columns {
            $(pub(crate) $field: usize,)*
            /// The columns with amounts, in the order in which a row's amounts are read.
            pub(crate) amounts: Vec<AmountColumn>,
            /// The columns that are not known.
            pub(crate) unknown: Vec<(usize, String)>,
            /// Known columns that the header does not have.
            pub(crate) missing: Vec<&'static str>,
            pub(crate) count: usize,
        }

        impl Columns {
            fn common(header: &Header<'_>) -> Self {
                let mut missing = Vec::new();
                $(let $field = header.find($name).unwrap_or_else(|| { missing.push($name); ABSENT });)*
                Self { $($field,)* amounts: Vec::new(), unknown: Vec::new(), missing, count: header.0.len() }
            }
        }

        const COMMON: &[&str] = &[$($name),*];
    };
}

columns! {
    settlement_id = "settlement-id",
    start = "settlement-start-date",
    end = "settlement-end-date",
    deposit_date = "deposit-date",
    total_amount = "total-amount",
    currency = "currency",
    transaction_type = "transaction-type",
    order_id = "order-id",
    merchant_order_id = "merchant-order-id",
    adjustment_id = "adjustment-id",
    shipment_id = "shipment-id",
    marketplace_name = "marketplace-name",
    fulfillment_id = "fulfillment-id",
    posted_date = "posted-date",
    posted_date_time = "posted-date-time",
    order_item_code = "order-item-code",
    merchant_order_item_id = "merchant-order-item-id",
    merchant_adjustment_item_id = "merchant-adjustment-item-id",
    sku = "sku",
    quantity = "quantity-purchased",
    promotion_id = "promotion-id",
}

/// Without these a row cannot be booked; of the dates one is enough.
const NEEDED: &[&str] = &[
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
];

/// Columns that whole settlements lack when they have nothing to say there.
const OPTIONAL: &[&str] = &["promotion-id", "posted-date-time"];

/// The amounts of V1: the column with the amount, the column with its description, and the amount type in the
/// words of V2. Several in one row are read in this order, which is the order of the file.
const V1_AMOUNTS: &[(&str, &str, &str)] = &[
    ("shipment-fee-amount", "shipment-fee-type", "ShipmentFees"),
    ("order-fee-amount", "order-fee-type", "OrderFees"),
    ("price-amount", "price-type", "ItemPrice"),
    ("item-related-fee-amount", "item-related-fee-type", "ItemFees"),
    ("misc-fee-amount", "", "MiscFees"),
    ("other-fee-amount", "other-fee-reason-description", "OtherFees"),
    ("promotion-amount", "promotion-type", "Promotion"),
    ("direct-payment-amount", "direct-payment-type", "DirectPayment"),
    ("other-amount", "transaction-type", "other-transaction"),
];

struct Header<'a>(Vec<&'a str>);

impl Header<'_> {
    fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|each| *each == name)
    }

    fn check(&self) -> Result<(), Fault> {
        for (index, name) in self.0.iter().enumerate() {
            if !name.is_empty() && self.0.iter().skip(index.saturating_add(1)).any(|other| other == name) {
                let fault = Fault::new(ErrorKind::BadHeader, "the column is there twice", "each column once");
                return Err(fault.in_column(name));
            }
        }
        match NEEDED.iter().find(|name| self.find(name).is_none()) {
            Some(name) => Err(lacks(name)),
            None if self.find("posted-date").or(self.find("posted-date-time")).is_none() => Err(lacks("posted-date")),
            None => Ok(()),
        }
    }
}

fn lacks(name: &str) -> Fault {
    Fault::new(ErrorKind::BadHeader, "the header does not have the column", "a settlement's header").in_column(name)
}

impl Columns {
    /// Reads the header of a settlement of either layout.
    pub(crate) fn parse(line: &str) -> Result<(Layout, Self), Fault> {
        let header = Header(line.split('\t').map(str::trim).collect());
        header.check()?;
        let v1 = V1_AMOUNTS.iter().any(|(amount, ..)| header.find(amount).is_some());
        let v2 = header.find("amount").is_some();
        let mut columns = Self::common(&header);
        let layout = match (v1, v2) {
            (true, true) => {
                let found = "the header has amount columns of both layouts";
                return Err(Fault::new(ErrorKind::BadHeader, found, "those of V1 or of V2"));
            }
            (true, false) => Layout::V1,
            (false, _) => Layout::V2,
        };
        columns.amounts = if v1 { v1_amounts(&header)? } else { vec![v2_amount(&header)?] };
        columns.missing.retain(|name| !OPTIONAL.contains(name));
        columns.unknown = find_unknown(&header, v1);
        Ok((layout, columns))
    }
}

fn find_unknown(header: &Header<'_>, v1: bool) -> Vec<(usize, String)> {
    let of_v1 = |name| V1_AMOUNTS.iter().any(|(amount, description, _)| name == *amount || name == *description);
    let of_v2 = |name| ["amount", "amount-type", "amount-description"].contains(&name);
    let known = |name| COMMON.contains(&name) || if v1 { of_v1(name) } else { of_v2(name) };
    let unknown = header.0.iter().enumerate().filter(|(_, name)| !known(**name));
    unknown.map(|(index, name)| (index, name.chars().take(80).collect())).collect()
}

fn v2_amount(header: &Header<'_>) -> Result<AmountColumn, Fault> {
    let find = |name| header.find(name).ok_or_else(|| lacks(name));
    Ok(AmountColumn {
        name: "amount",
        amount: find("amount")?,
        amount_type: TextFrom::Column(find("amount-type")?),
        description: TextFrom::Column(find("amount-description")?),
    })
}

fn v1_amounts(header: &Header<'_>) -> Result<Vec<AmountColumn>, Fault> {
    let mut amounts = Vec::with_capacity(V1_AMOUNTS.len());
    for (name, description, amount_type) in V1_AMOUNTS {
        let Some(amount) = header.find(name) else { continue };
        let description = match *description {
            "" => TextFrom::Fixed(""),
            column => TextFrom::Column(header.find(column).ok_or_else(|| lacks(column))?),
        };
        amounts.push(AmountColumn { name, amount, amount_type: TextFrom::Fixed(amount_type), description });
    }
    Ok(amounts)
}
