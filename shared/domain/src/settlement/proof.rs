//! The proof that nothing is missing: amounts read = payments written, and their sum is the deposit.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Layout, SettlementHeader, Tally};
use crate::money::{self, MoneyError};
use crate::payment::{Derived, PaymentType, derive};

/// Whether a settlement may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofStatus {
    /// Amounts read = payments written, and their sum is the settlement's total to the cent.
    Proven,
    /// One of the two does not hold: visible, never silently used.
    Unproven,
}

impl ProofStatus {
    /// `proven` or `unproven`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Unproven => "unproven",
        }
    }
}

/// What the proof rests on besides the amounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// How the file was laid out.
    pub layout: Layout,
    /// SHA-256 of the file's bytes after decompression, in hex: two deliveries of one file agree.
    pub sha256: String,
    /// Rows with an amount, a quantity or both; neither the header nor the summary.
    pub rows: u64,
    /// How many payments were written. Where nothing is written, the number of payments made.
    pub payments_written: u64,
}

/// The proof, as it stands on the settlement.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Proven or not.
    pub status: ProofStatus,
    /// What it rests on.
    pub evidence: Evidence,
    /// Amounts read.
    pub amounts: u64,
    /// Their sum.
    pub sum: Decimal,
    /// What the summary row says.
    pub total_amount: Decimal,
    /// `sum − total_amount`; zero when proven.
    pub difference: Decimal,
    /// How many amounts no rule knows.
    pub unclassified: u64,
    /// The derived row that closes the account: rows + derived = 0.
    pub derived: Option<Derived>,
}

/// Holds the totals against the summary row.
///
/// Where the file itself has a payout row, its sum is held against the total without that row, and nothing is
/// derived: the account is closed already (FORMATS.md A.3 says that real files have none).
pub fn prove(header: &SettlementHeader, tally: &Tally, evidence: Evidence) -> Result<Proof, MoneyError> {
    let payout = tally.of_type(PaymentType::Payout);
    let sum = money::subtract(tally.all().sum, payout.sum)?;
    let difference = money::subtract(sum, header.total_amount)?;
    let complete = evidence.payments_written == tally.all().count;
    let status = if complete && difference.is_zero() { ProofStatus::Proven } else { ProofStatus::Unproven };
    Ok(Proof {
        status,
        amounts: tally.all().count,
        sum,
        total_amount: header.total_amount,
        difference,
        unclassified: tally.of_type(PaymentType::Unclassified).count,
        derived: if payout.count == 0 { derive(header) } else { None },
        evidence,
    })
}
