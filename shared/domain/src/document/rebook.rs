//! A document that is read once more from a report that was booked before: after a fix, or with newer rules.

use std::collections::BTreeMap;

use super::build::DocumentError;
use super::merge::{Merge, merge};
use super::refresh::refresh;
use super::{Document, DocumentLine, Flag, facts};

/// Where a report that is booked again stands among those that taught something about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No later report taught anything: its word counts.
    Newest,
    /// A later report taught something: what that one says must not be undone.
    Older,
}

/// What booking an earlier report again makes of a document in the books.
///
/// The newest report's figures replace those in the books, as they would on a first booking. An older report adds the
/// lines that nobody else has, and changes no figure. In both cases everything that follows from Amazon's words (the
/// sums, the scheme, who collects, the flags) is derived anew with today's rules. What is personal and has expired, or
/// was forgotten, is used to judge and does not come back.
pub fn rebook(booked: &Document, again: &Document, standing: Standing) -> Result<Merge, DocumentError> {
    let is_gone = !has_personal(booked) && has_personal(again);
    let mut known = booked.clone();
    if is_gone {
        facts::recall_personal(&mut known, again);
    }
    let says_the_same = known.fingerprint() == again.fingerprint();
    let merged = match standing {
        Standing::Newest if !says_the_same => merge(&known, again)?,
        Standing::Newest | Standing::Older => Merge::Same,
    };
    let merged = match merged {
        Merge::Same => {
            let additional = if says_the_same { Vec::new() } else { additional(&known, again) };
            let extended = !additional.is_empty();
            let judged = judged(known.clone(), again, additional, standing)?;
            match (extended, *judged == known) {
                (true, _) => Merge::Extended(judged),
                (false, false) => Merge::Updated(judged),
                (false, true) => Merge::Same,
            }
        }
        Merge::Updated(document) => Merge::Updated(judged(*document, again, Vec::new(), standing)?),
        Merge::Extended(document) => Merge::Extended(judged(*document, again, Vec::new(), standing)?),
        Merge::Revised { document, differences } => {
            Merge::Revised { document: judged(*document, again, Vec::new(), standing)?, differences }
        }
    };
    Ok(if is_gone { forgetful(merged) } else { merged })
}

/// The document with further lines, and with everything that follows derived with today's rules.
fn judged(
    mut judged: Document,
    again: &Document,
    additional: Vec<DocumentLine>,
    standing: Standing,
) -> Result<Box<Document>, DocumentError> {
    judged.lines.extend(additional);
    // What is remembered of the rows of one report is known anew only where all rows came from that report, and no
    // later one has added to it.
    let report = again.lines.first().map_or("", |line| line.report.as_str());
    if standing == Standing::Newest && judged.lines.iter().all(|line| line.report == report) {
        judged.flags.retain(|flag| !flag.is_remembered() || matches!(flag, Flag::Revised { .. }));
        judged.flags.extend(again.flags.iter().filter(|flag| flag.is_remembered()).cloned());
    }
    refresh(&mut judged)?;
    Ok(Box::new(judged))
}

/// The lines that the report has and the books have not. Lines are matched as a merge matches them.
fn additional(known: &Document, again: &Document) -> Vec<DocumentLine> {
    let mut there: BTreeMap<[&str; 5], Vec<&DocumentLine>> = BTreeMap::new();
    for line in &known.lines {
        there.entry(line.identity()).or_default().push(line);
    }
    let mut left = Vec::new();
    for line in &again.lines {
        let group = there.entry(line.identity()).or_default();
        match group.iter().position(|other| other.content() == line.content()) {
            Some(place) => drop(group.swap_remove(place)),
            None => left.push(line),
        }
    }
    // A line whose figures a later report changed is there already.
    left.retain(|line| there.get_mut(&line.identity()).is_none_or(|group| group.pop().is_none()));
    left.into_iter().cloned().collect()
}

fn has_personal(document: &Document) -> bool {
    facts::facts(document).any(|fact| fact.personal && !fact.text.is_empty())
}

fn forgetful(merged: Merge) -> Merge {
    let forget = |mut document: Box<Document>| {
        facts::forget_personal(&mut document);
        document
    };
    match merged {
        Merge::Same => Merge::Same,
        Merge::Updated(document) => Merge::Updated(forget(document)),
        Merge::Extended(document) => Merge::Extended(forget(document)),
        Merge::Revised { document, differences } => Merge::Revised { document: forget(document), differences },
    }
}
