//! What the tests share.

use std::io::{self, Read};
use std::path::PathBuf;

use countinghouse_domain::settlement::{SettlementAmount, SettlementHeader};
use countinghouse_formats::{FormatError, Hints, Limits, Report, SettlementReader, Source, open};
use rust_decimal::Decimal;

/// A settlement, read whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) header: SettlementHeader,
    pub(crate) layout: &'static str,
    pub(crate) amounts: Vec<Owned>,
    pub(crate) source: Source,
}

impl Whole {
    pub(crate) fn sum(&self) -> Decimal {
        self.amounts.iter().map(|amount| amount.amount).sum()
    }
}

macro_rules! owned {
    ($($field:ident),*) => {
        /// An amount with texts of its own.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct Owned {
            pub(crate) line: u64,
            pub(crate) part: u8,
            pub(crate) amount: Decimal,
            pub(crate) posted_at: Option<jiff::Timestamp>,
            pub(crate) quantity: Option<i64>,
            $(pub(crate) $field: String,)*
            pub(crate) extra: Vec<(String, String)>,
        }

        impl Owned {
            fn of(amount: &SettlementAmount<'_>) -> Self {
                Self {
                    line: amount.line,
                    part: amount.part,
                    amount: amount.amount,
                    posted_at: amount.posted_at,
                    quantity: amount.quantity,
                    $($field: amount.$field.to_owned(),)*
                    extra: Vec::new(),
                }
            }
        }
    };
}

owned!(
    transaction_type,
    amount_type,
    amount_description,
    order_id,
    merchant_order_id,
    adjustment_id,
    shipment_id,
    marketplace_name,
    fulfillment_id,
    order_item_code,
    merchant_order_item_id,
    merchant_adjustment_item_id,
    sku,
    promotion_id
);

pub(crate) fn hints(charset: Option<&str>) -> Hints {
    Hints { charset: charset.map(str::to_owned), ..Hints::named("50011020300") }
}

pub(crate) fn open_settlement<R: Read>(
    source: R,
    hints: Hints,
    limits: Limits,
) -> Result<SettlementReader<R>, FormatError> {
    match open(source, hints, limits)? {
        Report::Settlement(reader) => Ok(reader),
        Report::Vat(_) => panic!("a settlement is not a VAT report"),
    }
}

pub(crate) fn read_settlement(source: impl Read, charset: Option<&str>) -> Result<Whole, FormatError> {
    let mut reader = open_settlement(source, hints(charset), Limits::default())?;
    let mut amounts = Vec::new();
    loop {
        let Some(amount) = reader.next_amount()?.map(|amount| Owned::of(&amount)) else { break };
        let extra = reader.extra().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        amounts.push(Owned { extra, ..amount });
    }
    let header = reader.header().clone();
    let layout = reader.layout().name();
    Ok(Whole { header, layout, amounts, source: reader.finish()? })
}

/// Gives at most `size` bytes at a time.
pub(crate) struct Pieces<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(buffer.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(piece);
        self.bytes = rest;
        Ok(count)
    }
}

/// A path below the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}
