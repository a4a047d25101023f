//! Asks the table and remembers the answers.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::{Classification, Rules};
use crate::settlement::SettlementAmount;

/// More kinds of amounts than any settlement has; texts that carry ids can make more of them.
const REMEMBERED: usize = 4_096;
/// Longer texts than Amazon's are looked up each time, so that the memory stays small whatever the file holds.
const REMEMBERED_BYTES: usize = 512;

/// Asks the table once for every kind of amount and remembers the answer: a file of a million rows has some
/// hundred kinds.
#[derive(Debug)]
pub struct Classifier {
    rules: &'static Rules,
    hash: FixedState,
    /// By the hash of the texts: the texts themselves are compared before an answer is given.
    answers: HashMap<u64, Answer, FixedState>,
}

#[derive(Debug)]
struct Answer {
    texts: [Box<str>; 3],
    classification: Classification,
}

impl Default for Classifier {
    fn default() -> Self {
        Self::new()
    }
}

impl Classifier {
    /// A classifier over the built-in table.
    pub fn new() -> Self {
        Self { rules: Rules::built_in(), hash: FixedState::default(), answers: HashMap::default() }
    }

    /// The type of an amount. Allocates nothing for a kind that was seen before.
    pub fn classify(&mut self, amount: &SettlementAmount<'_>) -> Classification {
        let texts = [amount.transaction_type, amount.amount_type, amount.amount_description];
        let hash = self.hash.hash_one(texts);
        match self.answers.get(&hash) {
            Some(answer) if answer.is_for(texts) => answer.classification,
            _ => self.look_up(texts, hash),
        }
    }

    #[cold]
    fn look_up(&mut self, texts: [&str; 3], hash: u64) -> Classification {
        let [transaction_type, amount_type, amount_description] = texts;
        let classification = self.rules.classify(transaction_type, amount_type, amount_description);
        if texts.iter().all(|text| text.len() <= REMEMBERED_BYTES) {
            if self.answers.len() >= REMEMBERED {
                self.answers.clear();
            }
            self.answers.insert(hash, Answer { texts: texts.map(Box::from), classification });
        }
        classification
    }
}

impl Answer {
    fn is_for(&self, texts: [&str; 3]) -> bool {
        self.texts.iter().zip(texts).all(|(mine, text)| **mine == *text)
    }
}

#[cfg(test)]
impl Classifier {
    pub(super) fn remembered(&self) -> usize {
        self.answers.len()
    }

    pub(super) fn remembered_bytes(&self) -> usize {
        self.answers.values().flat_map(|answer| &answer.texts).map(|text| text.len()).sum()
    }
}
