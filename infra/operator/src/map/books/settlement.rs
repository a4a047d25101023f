//! A settlement that was booked.

use countinghouse_domain::settlement::{CarriedOver, Chain, ChainLink, Proof, ProofStatus, SettlementHeader, Tally};
use countinghouse_formats::Source;

use super::{Books, strange};
use crate::map::attention::Kinds;

/// A settlement, its proof and its place in the chain.
#[derive(Debug)]
pub(in crate::map) struct BookedSettlement {
    /// The file.
    pub(in crate::map) report: String,
    pub(in crate::map) header: SettlementHeader,
    pub(in crate::map) proof: Proof,
    pub(in crate::map) tally: Tally,
    /// What the chain needs to know of it.
    pub(in crate::map) link: ChainLink,
    /// Its place, known when all files are read.
    pub(in crate::map) chain: Chain,
    pub(in crate::map) source: Source,
    /// Amounts that no rule knows.
    pub(in crate::map) unclassified: Kinds,
    /// Fees that have a type, but no name in the table.
    pub(in crate::map) unlisted: Kinds,
}

impl BookedSettlement {
    /// What somebody must look at.
    pub(super) fn attention(&self, books: &Books) -> Vec<String> {
        let id = &self.header.settlement_id;
        let mut lines = Vec::new();
        let mut say = |text: String| lines.push(format!("{}: settlement {id}: {text}", self.report));
        if self.proof.status == ProofStatus::Unproven {
            let Proof { sum, total_amount, difference, .. } = &self.proof;
            say(format!(
                "unproven, the amounts come to {sum}, but the total is {total_amount}: difference {difference}"
            ));
        }
        for kind in self.unclassified.lines() {
            say(format!("no rule knows {kind}"));
        }
        match &self.chain {
            Chain::First => {}
            Chain::Gap => say(format!("a settlement is missing, none of these files ends at {}", self.header.start)),
            Chain::Chained(predecessor) => {
                if let Some(before) = books.settlement(predecessor) {
                    for text in carried_wrong(before, self) {
                        say(text);
                    }
                }
            }
        }
        lines
    }

    /// What is worth knowing.
    pub(super) fn notes(&self) -> Vec<String> {
        let unlisted = self.unlisted.lines();
        let unlisted = unlisted.map(|kind| format!("{}: a fee without a name in the rules, {kind}", self.report));
        strange(&self.report, &self.source).into_iter().chain(unlisted).collect()
    }
}

/// Whether a debt or a reserve was lost between two settlements of a chain.
fn carried_wrong(before: &BookedSettlement, after: &BookedSettlement) -> Vec<String> {
    let handed_on = CarriedOver::handed_on(before.header.total_amount, &before.tally);
    let taken_up = CarriedOver::taken_up(&after.tally);
    let id = &before.header.settlement_id;
    let mut lines = Vec::new();
    if handed_on.debt != taken_up.debt {
        let (handed_on, taken_up) = (handed_on.debt, taken_up.debt);
        lines.push(format!("settlement {id} hands on a debt of {handed_on}, but Payable to Amazon is {taken_up}"));
    }
    if handed_on.reserve != taken_up.reserve {
        let (handed_on, taken_up) = (handed_on.reserve, taken_up.reserve);
        lines.push(format!("settlement {id} holds back {handed_on}, but the previous reserve is {taken_up}"));
    }
    lines
}
