//! Settlements: what Amazon paid out for a period, amount by amount, and the proof that nothing is missing.

mod amount;
mod carry;
mod chain;
mod header;
mod proof;
mod tally;

pub use amount::SettlementAmount;
pub use carry::CarriedOver;
pub use chain::{Chain, ChainLink, chain_of};
pub use header::{Layout, SettlementHeader};
pub use proof::{Evidence, Proof, ProofStatus, prove};
pub use tally::{Subtotal, Tally};
