//! What is known of a settlement.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::ids::{ReportId, SellerId, SettlementId};
use countinghouse_domain::payment::PaymentType;
use countinghouse_domain::settlement::{Chain, Layout, Proof, SettlementHeader, Tally};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{AttentionReason, Balances};

/// How far a settlement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementStatus {
    /// Claimed; its payments are being written.
    Booking,
    /// Complete and proven.
    Proven,
    /// Complete, but the proof does not hold.
    Unproven,
}

impl SettlementStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Booking, Self::Proven, Self::Unproven];

    /// `booking`, `proven` or `unproven`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Booking => "booking",
            Self::Proven => "proven",
            Self::Unproven => "unproven",
        }
    }
}

/// Which file a settlement is booked from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedSettlement {
    /// Whose.
    pub seller: SellerId,
    /// SHA-256 of the file's bytes after decompression.
    pub sha256: String,
    /// How the file is laid out.
    pub layout: Layout,
    /// The report that delivered it first.
    pub report_id: ReportId,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// How far it is.
    pub status: SettlementStatus,
}

/// What came of claiming a settlement for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is yours.
    New,
    /// The same bytes were claimed before and not completed: go on. Writing anything again changes nothing.
    Resumed(ClaimedSettlement),
    /// The same bytes are booked. Booking them again, after a change of the rules, is allowed and ends in
    /// `complete` too.
    AlreadyBooked(ClaimedSettlement),
    /// The settlement is booked, or being booked, from other bytes, or for another seller. Nothing may be written;
    /// the conflict is recorded.
    Conflict(ClaimedSettlement),
}

/// What completes a settlement.
#[derive(Debug)]
pub struct Completion<'a> {
    /// The summary row.
    pub header: &'a SettlementHeader,
    /// The proof.
    pub proof: &'a Proof,
    /// The totals behind it.
    pub tally: &'a Tally,
    /// What is carried from settlement to settlement.
    pub balances: Balances,
    /// The version of the program that booked it.
    pub program_version: &'a str,
    /// The table of rules that gave its payments their types, by its fingerprint.
    pub rules: &'a str,
    /// Columns that the reader does not know.
    pub unknown_columns: &'a [String],
    /// What the reader warns of, without personal data.
    pub warnings: &'a [String],
}

/// A number of amounts and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSubtotal {
    /// The number of amounts.
    pub count: u64,
    /// Their sum.
    pub sum: Decimal,
}

/// The derived row as it stands on the settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDerived {
    /// Its type.
    pub payment_type: PaymentType,
    /// Its category.
    pub category: String,
    /// Its amount.
    pub amount: Decimal,
    /// Its time.
    pub posted_at: Timestamp,
}

/// The proof as it stands on the settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProof {
    /// Data rows of the file.
    pub rows: u64,
    /// Amounts read.
    pub amounts: u64,
    /// Payments that the table has acknowledged.
    pub payments_written: u64,
    /// The sum of the amounts.
    pub sum: Decimal,
    /// `sum − total_amount`.
    pub difference: Decimal,
    /// Amounts that no rule knows.
    pub unclassified: u64,
    /// By type.
    pub by_type: BTreeMap<String, StoredSubtotal>,
    /// By category.
    pub by_category: BTreeMap<String, StoredSubtotal>,
    /// The row that closes the account.
    pub derived: Option<StoredDerived>,
    /// The version of the program.
    pub program_version: String,
    /// The table of rules, by its fingerprint; none where a program booked it that did not say.
    pub rules: Option<String>,
    /// When the settlement was completed first.
    pub completed_at: Timestamp,
}

/// A settlement as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSettlement {
    /// Whose.
    pub seller: SellerId,
    /// The summary row.
    pub header: SettlementHeader,
    /// Which file it is booked from, and how far it is.
    pub claimed: ClaimedSettlement,
    /// Other reports that delivered the same bytes.
    pub also_delivered_as: Vec<ReportId>,
    /// The marketplaces that its rows name.
    pub marketplaces: BTreeSet<String>,
    /// What is carried from settlement to settlement; absent until its rows are read.
    pub balances: Option<Balances>,
    /// Its place in its chain; absent until it was worked out.
    pub chain: Option<Chain>,
    /// The proof; absent until it is completed.
    pub proof: Option<StoredProof>,
    /// Why a person should look at it; empty when all is well.
    pub reasons: Vec<AttentionReason>,
    /// Columns that the reader does not know.
    pub unknown_columns: Vec<String>,
    /// What the reader warns of.
    pub warnings: Vec<String>,
}

impl StoredSettlement {
    /// How far it is.
    pub const fn status(&self) -> SettlementStatus {
        self.claimed.status
    }
}

/// A file that came with other bytes for a settlement that is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRecord {
    /// The seller to whom the file was delivered.
    pub seller: SellerId,
    /// The settlement that both files name.
    pub settlement_id: SettlementId,
    /// The end of its period, as the file that was refused states it.
    pub settlement_end: Timestamp,
    /// What is booked.
    pub booked: ClaimedSettlement,
    /// SHA-256 of the file that was refused.
    pub refused_sha256: String,
    /// Its layout.
    pub refused_layout: Layout,
    /// The report that delivered it.
    pub refused_report_id: ReportId,
    /// When it was refused.
    pub refused_at: Timestamp,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeedsAttention {
    /// A settlement; its `reasons` say why.
    Settlement(Box<StoredSettlement>),
    /// A file in conflict with a settlement.
    Conflict(Box<ConflictRecord>),
}

impl NeedsAttention {
    /// The end of the settlement's period.
    pub fn settlement_end(&self) -> Timestamp {
        match self {
            Self::Settlement(settlement) => settlement.header.end,
            Self::Conflict(conflict) => conflict.settlement_end,
        }
    }
}
