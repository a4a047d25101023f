//! Finds the rule for an amount.

use super::Rule;
use super::pattern::{Pattern, fold};

/// Amazon's three texts, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Triple(pub(super) [String; 3]);

impl Triple {
    /// Folds the three texts.
    pub(super) fn new(transaction_type: &str, amount_type: &str, amount_description: &str) -> Self {
        Self([fold(transaction_type), fold(amount_type), fold(amount_description)])
    }
}

/// What V2 calls an event of the account; folded.
const OTHER: &str = "othertransaction";
/// How the text of an event ends that takes back or corrects another; folded.
const AFTERMATHS: [&str; 2] = ["reversal", "correction"];

/// The rule for an amount: as it is written, otherwise in the words of V2.
pub(super) fn find<'a>(rules: &'a [Rule], triple: &Triple) -> Option<&'a Rule> {
    most_specific(rules.iter(), triple).or_else(|| readings(triple).iter().find_map(|reading| reading.find(rules)))
}

/// Another way to read the three texts.
#[derive(Debug)]
struct Reading {
    triple: Triple,
    /// The column into which the name of the event was put.
    name_at: usize,
}

/// The other ways to read an event of the account, the likeliest first.
///
/// V1 puts the name of an event into the transaction-type alone. In V2 the same event is an
/// `other-transaction`, a reason of an `FBA Inventory Reimbursement`, or the name of a fee in `AmazonFees` or
/// `FBAFees`, whose parts V1 adds up. Either layout may append `- Reversal` or `- Correction` to the name.
fn readings(triple: &Triple) -> Vec<Reading> {
    let Triple([transaction_type, amount_type, description]) = triple;
    if amount_type != OTHER {
        return Vec::new();
    }
    let is_event = transaction_type == OTHER || transaction_type == description;
    let original = AFTERMATHS.into_iter().find_map(|aftermath| description.strip_suffix(aftermath));
    let mut readings = Vec::new();
    for name in [Some(&**description), original].into_iter().flatten().filter(|name| !name.is_empty()) {
        let mut add = |name_at, texts: [&str; 3]| {
            readings.push(Reading { triple: Triple(texts.map(str::to_owned)), name_at });
        };
        if is_event {
            add(2, [OTHER, OTHER, name]);
            add(2, [OTHER, "fbainventoryreimbursement", name]);
            add(1, ["amazonfees", name, "basefee"]);
            add(1, ["fbafees", name, "basefee"]);
            add(0, [name, OTHER, name]);
        } else {
            add(2, [transaction_type, OTHER, name]);
        }
    }
    readings
}

impl Reading {
    /// The rule for this reading. Only a rule that knows the name can confirm that the reading is right:
    /// with a `*` in its place, every unknown event would pass as an unlisted fee.
    fn find<'a>(&self, rules: &'a [Rule]) -> Option<&'a Rule> {
        let knows_the_name =
            |rule: &&Rule| rule.patterns.get(self.name_at).is_some_and(|name| !name.contains(&Pattern::Any));
        most_specific(rules.iter().filter(knows_the_name), &self.triple)
    }
}

fn most_specific<'a>(rules: impl Iterator<Item = &'a Rule>, triple: &Triple) -> Option<&'a Rule> {
    rules
        .filter_map(|rule| Some((rule.specificity(triple)?, rule)))
        .max_by_key(|(specificity, _)| *specificity)
        .map(|(_, rule)| rule)
}

impl Rule {
    /// How narrowly this rule matches; nothing if it does not match.
    pub(super) fn specificity(&self, triple: &Triple) -> Option<u32> {
        let mut sum = 0_u32;
        for (patterns, text) in self.patterns.iter().zip(&triple.0) {
            let narrowest = patterns.iter().filter(|pattern| pattern.matches(text)).map(Pattern::narrowness).max()?;
            sum = sum.saturating_add(narrowest);
        }
        Some(sum)
    }
}
