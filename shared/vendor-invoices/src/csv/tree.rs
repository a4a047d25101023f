//! The tree that an invoice's cells grow into, before it is known which numbered groups are there.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::places::Places;
use crate::Node;

/// One step from an object or a list to what is in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A member of an object.
    Key(String),
    /// The number of a group in the columns' names, or of an item; the gaps between them close at the end.
    Number(u32),
}

/// The way to a value: `items/*/taxDetails/#/taxRate` with the item and the numbers filled in.
pub(super) fn way(place: &str, item: u32, numbers: &[u32]) -> Vec<Step> {
    let mut numbers = numbers.iter();
    let step = |part: &str| match part {
        "*" => Step::Number(item),
        "#" => Step::Number(numbers.next().copied().unwrap_or_default()),
        key => Step::Key(key.to_owned()),
    };
    place.split('/').map(step).collect()
}

/// A cell, with nothing in it where it is empty: then only its place is kept, for what is missing there.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) value: Option<Node>,
    pub(super) line: u64,
    pub(super) column: usize,
}

/// A cell, or an object, or a list.
#[derive(Debug, Default)]
pub(super) struct Tree {
    cell: Option<Cell>,
    below: BTreeMap<Step, Tree>,
}

impl Tree {
    /// Sets a cell, and makes the objects and lists on the way there. A later cell replaces an earlier one.
    pub(super) fn set(&mut self, way: &[Step], cell: Cell) {
        let node = way.iter().fold(self, |node, step| node.below.entry(step.clone()).or_default());
        node.cell = Some(cell);
    }

    /// Whether there is a value, or one below.
    pub(super) fn has(&self, way: &[Step]) -> bool {
        let node = way.iter().try_fold(self, |node, step| node.below.get(step));
        node.is_some_and(Self::is_filled)
    }

    fn is_filled(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| cell.value.is_some()) || self.below.values().any(Self::is_filled)
    }

    /// The value, nothing where every cell is empty. Notes the place of each cell.
    pub(super) fn close(self, places: &mut Places) -> Option<Node> {
        self.close_at(&mut String::new(), places)
    }

    fn close_at(self, pointer: &mut String, places: &mut Places) -> Option<Node> {
        if let Some(cell) = self.cell {
            places.add(pointer.clone(), cell.line, cell.column);
            return cell.value;
        }
        let length = pointer.len();
        let is_list = self.below.keys().any(|step| matches!(step, Step::Number(_)));
        let (mut entries, mut members) = (Vec::new(), Vec::new());
        for (step, node) in self.below {
            // What is no number has no place in a list: such a tree is never made.
            if let Step::Number(_) = step {
                if !node.is_filled() {
                    continue;
                }
                let _infallible = write!(pointer, "/{}", entries.len());
                entries.extend(node.close_at(pointer, places));
            } else if let Step::Key(key) = step {
                let _infallible = write!(pointer, "/{key}");
                if let Some(value) = node.close_at(pointer, places) {
                    members.push((key, value));
                }
            }
            pointer.truncate(length);
        }
        let is_empty = entries.is_empty() && members.is_empty();
        let node = if is_list { Node::List(entries) } else { Node::Object(members) };
        (!is_empty).then_some(node)
    }
}
