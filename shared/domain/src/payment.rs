//! Payments: one for every amount of a settlement, with a type that an accountant knows.

mod derived;
mod kind;
mod rules;

pub use derived::{Derived, derive};
pub use kind::{Direction, PaymentType};
pub use rules::{Classification, Classifier, Rule, Rules, TableError};
