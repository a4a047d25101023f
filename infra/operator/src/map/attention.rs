//! What a person should look at, collected in little memory.

use countinghouse_domain::settlement::{SettlementAmount, Subtotal};

/// More kinds than a person reads; the rest is only counted.
const SHOWN_KINDS: usize = 50;

/// Kinds of amounts, each with how many there are and what they come to.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    kinds: Vec<([Box<str>; 3], Subtotal)>,
    more: Subtotal,
}

impl Kinds {
    /// Counts one amount. A sum beyond 28 digits is left as it is: the books have refused it already.
    pub(super) fn add(&mut self, amount: &SettlementAmount<'_>) {
        let texts = [amount.transaction_type, amount.amount_type, amount.amount_description];
        let is_known = |kind: &[Box<str>; 3]| kind.iter().zip(texts).all(|(mine, text)| **mine == *text);
        if self.kinds.len() < SHOWN_KINDS && !self.kinds.iter().any(|(kind, _)| is_known(kind)) {
            self.kinds.push((texts.map(Box::from), Subtotal::default()));
        }
        let known = self.kinds.iter_mut().find(|(kind, _)| is_known(kind));
        let subtotal = known.map_or(&mut self.more, |(_, subtotal)| subtotal);
        let _unsummed = subtotal.add(amount.amount);
    }

    /// One line of text for each kind.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let kinds = self.kinds.iter().map(|(texts, subtotal)| format!("{}: {}", texts.join(" / "), counted(*subtotal)));
        let more = (self.more.count > 0).then(|| format!("and others: {}", counted(self.more)));
        kinds.chain(more)
    }
}

fn counted(subtotal: Subtotal) -> String {
    format!("{} {}, together {}", subtotal.count, if subtotal.count == 1 { "amount" } else { "amounts" }, subtotal.sum)
}
