//! One document in two reports: windows overlap, and a window may cut a document in two.

use std::collections::BTreeMap;

use super::build::DocumentError;
use super::facts::{self, Weight};
use super::refresh::refresh;
use super::{Document, DocumentLine, Flag};

/// What a later report adds to a document that is booked already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// Nothing: the booked document stays as it is.
    Same,
    /// No figure, but the electronic invoice moved on, or a text that was missing is there now.
    Updated(Box<Document>),
    /// Further lines.
    Extended(Box<Document>),
    /// Other figures or facts than before. The later report is believed, and the document is flagged.
    Revised {
        /// The document as the later report states it.
        document: Box<Document>,
        /// What changed, for the history.
        differences: Vec<Difference>,
    },
}

/// One figure or fact that a later report states otherwise.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    /// The line (its article and transaction), or `document`.
    pub place: String,
    /// What changed.
    pub fact: String,
    /// What the earlier report stated; none for a personal fact.
    pub earlier: Option<String>,
    /// What the later report states; none for a personal fact.
    pub later: Option<String>,
}

/// Merges what a later report states about a document into what earlier reports stated.
///
/// Lines are matched by their identifiers (order, shipment, transaction, ASIN, SKU) and, among those that agree
/// in them, by their figures: rows that look alike are both real, so as many are kept as the report with the
/// most of them has. Reports that state the same figures can come in any order and any number of times. Where
/// figures differ, the later report wins. A text that the later report does not have is kept.
pub fn merge(earlier: &Document, later: &Document) -> Result<Merge, DocumentError> {
    check_same_document(earlier, later)?;
    let mut merged = earlier.clone();
    let mut differences = Vec::new();
    let updated = merge_facts(&mut merged, later, &mut differences);
    let (lines, extended) = merge_lines(earlier, later, &mut differences);
    merged.lines = lines;
    for flag in later.flags.iter().filter(|flag| flag.is_remembered()) {
        if !matches!(flag, Flag::Revised { .. }) && !merged.flags.contains(flag) {
            merged.flags.push(flag.clone());
        }
    }
    if !differences.is_empty() {
        note_revision(&mut merged, differences.len());
        refresh(&mut merged)?;
        return Ok(Merge::Revised { document: Box::new(merged), differences });
    }
    if !extended && !updated {
        return Ok(Merge::Same);
    }
    refresh(&mut merged)?;
    let merged = Box::new(merged);
    Ok(if extended { Merge::Extended(merged) } else { Merge::Updated(merged) })
}

fn check_same_document(earlier: &Document, later: &Document) -> Result<(), DocumentError> {
    if earlier.key != later.key {
        return Err(DocumentError::TwoDocuments { earlier: earlier.key.to_string(), later: later.key.to_string() });
    }
    if earlier.currency != later.currency {
        return Err(DocumentError::Currencies {
            line: later.first_source_line(),
            found: later.currency,
            first_line: earlier.first_source_line(),
            expected: earlier.currency,
        });
    }
    Ok(())
}

fn note_revision(document: &mut Document, count: usize) {
    let mut all = u64::try_from(count).unwrap_or(u64::MAX);
    document.flags.retain(|flag| {
        let Flag::Revised { differences } = flag else { return true };
        all = all.saturating_add(*differences);
        false
    });
    document.flags.push(Flag::Revised { differences: all });
}

/// Takes over what the later report states about the whole document; true if anything changed.
fn merge_facts(merged: &mut Document, later: &Document, differences: &mut Vec<Difference>) -> bool {
    let mut changed = false;
    for (earlier, later) in facts::facts(merged).zip(facts::facts(later)) {
        if later.text.is_empty() || earlier.text == later.text {
            continue;
        }
        changed = true;
        if earlier.weight == Weight::Fixed && !earlier.text.is_empty() {
            let shown = |text: &str| (!earlier.personal).then(|| text.to_owned());
            differences.push(of_document(earlier.name, shown(earlier.text), shown(later.text)));
        }
    }
    facts::overwrite(merged, later);
    changed |= replace(&mut merged.order_date, later.order_date, "order date", differences);
    changed |= replace(&mut merged.is_amazon_invoiced, later.is_amazon_invoiced, "issued by Amazon", differences);
    changed |= replace_flag(&mut merged.export, later.export, "export", differences);
    changed |= replace_flag(&mut merged.is_correction, later.is_correction, "correction", differences);
    changed |= merge_conversion(merged, later, differences);
    merged.url = if later.url.is_empty() { merged.url.clone() } else { later.url.clone() };
    changed
}

fn of_document(fact: &str, earlier: Option<String>, later: Option<String>) -> Difference {
    Difference { place: "document".to_owned(), fact: fact.to_owned(), earlier, later }
}

fn replace<T: PartialEq + Copy + std::fmt::Debug>(
    own: &mut Option<T>,
    later: Option<T>,
    fact: &str,
    differences: &mut Vec<Difference>,
) -> bool {
    let Some(new) = later else { return false };
    match own.replace(new) {
        Some(old) if old == new => false,
        Some(old) => {
            differences.push(of_document(fact, Some(format!("{old:?}")), Some(format!("{new:?}"))));
            true
        }
        None => true,
    }
}

fn replace_flag(own: &mut bool, later: bool, fact: &str, differences: &mut Vec<Difference>) -> bool {
    let mut known = Some(*own);
    let changed = replace(&mut known, Some(later), fact, differences);
    *own = later;
    changed
}

fn merge_conversion(merged: &mut Document, later: &Document, differences: &mut Vec<Difference>) -> bool {
    let Some(new) = &later.conversion else { return false };
    let Some(own) = &mut merged.conversion else {
        merged.conversion = Some(new.clone());
        return true;
    };
    let mut changed = false;
    if !new.currency.is_empty() && own.currency != new.currency {
        if !own.currency.is_empty() {
            let (earlier, later) = (own.currency.clone(), new.currency.clone());
            differences.push(of_document("invoice currency", Some(earlier), Some(later)));
        }
        own.currency.clone_from(&new.currency);
        changed = true;
    }
    changed |= replace(&mut own.rate, new.rate, "exchange rate", differences);
    changed | replace(&mut own.date, new.date, "exchange rate date", differences)
}

type Group<'a> = (Vec<&'a DocumentLine>, Vec<&'a DocumentLine>);

/// The lines of both; true if the later report has lines that the earlier one had not.
fn merge_lines(earlier: &Document, later: &Document, differences: &mut Vec<Difference>) -> (Vec<DocumentLine>, bool) {
    let mut groups: BTreeMap<[&str; 5], Group<'_>> = BTreeMap::new();
    for line in &earlier.lines {
        groups.entry(line.identity()).or_default().0.push(line);
    }
    for line in &later.lines {
        groups.entry(line.identity()).or_default().1.push(line);
    }
    let mut lines = Vec::with_capacity(earlier.lines.len().max(later.lines.len()));
    let mut extended = false;
    for (old, new) in groups.into_values() {
        extended |= merge_group(old, new, &mut lines, differences);
    }
    (lines, extended)
}

/// Lines with the same identifiers: equal ones are matched first, what is left over is paired as revisions.
fn merge_group(
    mut old: Vec<&DocumentLine>,
    mut new: Vec<&DocumentLine>,
    lines: &mut Vec<DocumentLine>,
    differences: &mut Vec<Difference>,
) -> bool {
    old.retain(|line| {
        let Some(place) = new.iter().position(|other| other.content() == line.content()) else { return true };
        new.remove(place);
        lines.push((*line).clone());
        false
    });
    let mut new = new.into_iter();
    for line in old {
        match new.next() {
            Some(revised) => {
                compare_lines(line, revised, differences);
                lines.push(revised.clone());
            }
            None => lines.push(line.clone()),
        }
    }
    let before = lines.len();
    lines.extend(new.cloned());
    lines.len() > before
}

fn compare_lines(earlier: &DocumentLine, later: &DocumentLine, differences: &mut Vec<Difference>) {
    let place = format!("line {} of {}", earlier.sku, earlier.transaction_id);
    for ((fact, old), (_, new)) in described(earlier).into_iter().zip(described(later)) {
        if old != new {
            differences.push(Difference { place: place.clone(), fact, earlier: Some(old), later: Some(new) });
        }
    }
}

/// The figures of a line for a person; equal texts for equal amounts.
fn described(line: &DocumentLine) -> Vec<(String, String)> {
    let mut facts = vec![
        ("transaction type".to_owned(), line.transaction_type.clone()),
        ("product tax code".to_owned(), line.product_tax_code.clone()),
        ("reason code".to_owned(), line.reason_code.clone()),
        ("quantity".to_owned(), format!("{:?}", line.quantity)),
        ("shipment date".to_owned(), format!("{:?}", line.shipped_on)),
        ("tax calculation date".to_owned(), format!("{:?}", line.tax_calculated_on)),
        ("rate".to_owned(), format!("{:?}", line.rate.map(|rate| rate.normalize()))),
        ("converted VAT".to_owned(), line.converted_vat.normalize().to_string()),
    ];
    for component in super::Component::ALL {
        let amounts = line.component(component);
        for (part, block) in [("price", amounts.price), ("promotion", amounts.promotion)] {
            for (name, figure) in ["gross", "VAT", "net"].into_iter().zip(block.figures()) {
                facts.push((format!("{} {part} {name}", component.name()), figure.normalize().to_string()));
            }
        }
    }
    facts
}
