//! Which rows belong to which document.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::super::key::IdentityKind;
use super::arena::At;

/// A hash that is the same on every machine and in every version: partitions depend on it. FNV-1a, mixed.
pub(super) fn stable_hash(place: IdentityKind, text: &str) -> u64 {
    let start = match place {
        IdentityKind::Number => 0xcbf2_9ce4_8422_2325_u64,
        IdentityKind::Transaction => 0x9e37_79b9_7f4a_7c15,
        IdentityKind::Shipment => 0xc2b2_ae3d_27d4_eb4f,
    };
    let hash = text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// Finds a number by a hash; two things of one hash are told apart by the caller.
#[derive(Debug, Default)]
pub(super) struct Index {
    places: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
}

impl Index {
    /// The number that was inserted with this hash and that is the right one.
    pub(super) fn find(&self, mut hash: u64, mut is_right: impl FnMut(u32) -> bool) -> Option<u32> {
        loop {
            let found = *self.places.get(&hash)?;
            if is_right(found) {
                return Some(found);
            }
            hash = hash.wrapping_add(1);
        }
    }

    /// Remembers a number that was not found.
    pub(super) fn insert(&mut self, mut hash: u64, number: u32) {
        while self.places.contains_key(&hash) {
            hash = hash.wrapping_add(1);
        }
        self.places.insert(hash, number);
    }

    pub(super) fn bytes(&self) -> usize {
        // A slot has a hash, a number, padding and a control byte; an eighth of the slots stays free.
        self.places.capacity().saturating_mul(20)
    }
}

/// The keys are hashes already.
#[derive(Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Row {
    at: At,
    next: u32,
}

/// The rows of each document as a chain, in the order of the report.
#[derive(Debug, Default)]
pub(super) struct Slots {
    rows: Vec<Row>,
    heads: Vec<u32>,
    tails: Vec<u32>,
}

impl Slots {
    fn push(&mut self, at: At) -> Option<u32> {
        let row = u32::try_from(self.rows.len()).ok().filter(|row| *row != NONE)?;
        self.rows.push(Row { at, next: NONE });
        Some(row)
    }

    /// A new document; none beyond 2^32 rows.
    pub(super) fn begin(&mut self, at: At) -> Option<u32> {
        let row = self.push(at)?;
        let document = u32::try_from(self.heads.len()).ok()?;
        self.heads.push(row);
        self.tails.push(row);
        Some(document)
    }

    /// A further row of a document.
    pub(super) fn append(&mut self, document: u32, at: At) -> Option<()> {
        let row = self.push(at)?;
        let tail = self.tails.get_mut(index(document))?;
        let last = std::mem::replace(tail, row);
        self.rows.get_mut(index(last))?.next = row;
        Some(())
    }

    pub(super) fn first(&self, document: u32) -> Option<At> {
        let head = self.heads.get(index(document))?;
        self.rows.get(index(*head)).map(|row| row.at)
    }

    /// Where the records of a document are.
    pub(super) fn of(&self, document: u32) -> impl Iterator<Item = At> + '_ {
        let mut next = self.heads.get(index(document)).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let row = self.rows.get(index(next))?;
            next = row.next;
            Some(row.at)
        })
    }

    pub(super) fn documents(&self) -> usize {
        self.heads.len()
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let rows = self.rows.capacity().saturating_mul(size_of::<Row>());
        rows.saturating_add(self.heads.capacity().saturating_add(self.tails.capacity()).saturating_mul(4))
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_that_partitions_depend_on_never_changes() {
        assert_eq!(stable_hash(IdentityKind::Number, "DE6000000000AA"), 5_106_734_284_401_781_760);
        assert_ne!(stable_hash(IdentityKind::Number, "1"), stable_hash(IdentityKind::Transaction, "1"));
    }

    #[test]
    fn two_things_of_one_hash_are_both_found() {
        let mut index = Index::default();
        for number in [10, 20, 30] {
            index.insert(7, number);
        }
        assert_eq!(index.find(7, |number| number == 20), Some(20));
        assert_eq!(index.find(7, |number| number == 30), Some(30));
        assert_eq!(index.find(7, |number| number == 40), None);
    }
}
