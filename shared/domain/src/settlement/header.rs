//! What the summary row says.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::SettlementId;
use crate::money::Currency;

/// How the file was laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// Flat file version 2: one amount in each row, 24 columns (23 before promotions were named).
    V2,
    /// Flat file version 1: amounts in several columns, 36 or 33 columns; gone from the API since 2026-11-11.
    V1,
    /// The XML report; gone from the API since 2026-11-11.
    Xml,
}

impl Layout {
    /// `V2`, `V1` or `XML`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2 => "V2",
            Self::V1 => "V1",
            Self::Xml => "XML",
        }
    }
}

/// The summary row: the settlement as Amazon states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementHeader {
    /// The settlement; not the report's number.
    pub settlement_id: SettlementId,
    /// The first moment of the period, UTC.
    pub start: Timestamp,
    /// The end of the period, UTC; the next settlement of the chain starts at this second.
    pub end: Timestamp,
    /// The day on which Amazon plans to pay, UTC.
    pub deposit_date: Timestamp,
    /// What Amazon pays; negative when the seller owes.
    pub total_amount: Decimal,
    /// The currency of every amount in the file.
    pub currency: Currency,
}
