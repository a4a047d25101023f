//! From the rows of a report to its documents, with little memory.
//!
//! The rows of one document need not be adjacent, so all rows of a report are held until its end. Each is held
//! as a record of about 200 bytes: numbers as variable-length integers, texts that come again and again
//! (the tax context, the warehouse, the article) once for all rows, the texts of the row itself in one arena.

mod arena;
mod codec;
mod interner;
mod links;
mod pack;

use std::collections::BTreeSet;

use arena::Arena;
use codec::Owner;
use interner::Interner;
use links::{Index, Slots};

use super::build::DocumentError;
use super::key::{IdentityKind, identity_of};
use super::{Builder, Document, DocumentKind, Flag, VatRow};

/// Collects rows and puts them together to documents.
///
/// A report with more rows than the memory can hold is booked in several passes over it, each with an
/// assembler that keeps one partition of the documents: [`Assembler::with_partition`].
#[derive(Debug)]
pub struct Assembler {
    part: u64,
    parts: u64,
    rows_seen: u64,
    arena: Arena,
    texts: Interner,
    slots: Slots,
    index: Index,
    /// The documents whose number stands for an invoice and for a credit note.
    both_kinds: BTreeSet<u32>,
    /// The record in the making; kept to save allocations.
    scratch: Vec<u8>,
    context: Vec<u8>,
}

impl Default for Assembler {
    fn default() -> Self {
        Self::new()
    }
}

impl Assembler {
    /// An assembler that keeps every row.
    pub fn new() -> Self {
        Self::with_partition(0, 1)
    }

    /// An assembler that keeps only the rows of the documents that belong to `part` of `parts`, counted from 0.
    ///
    /// A document belongs to the same part on every machine and in every version of the program, with all its
    /// rows; an invoice and a credit note of one number belong to one part.
    pub fn with_partition(part: u32, parts: u32) -> Self {
        Self {
            part: u64::from(part),
            parts: u64::from(parts.max(1)),
            rows_seen: 0,
            arena: Arena::default(),
            texts: Interner::default(),
            slots: Slots::default(),
            index: Index::default(),
            both_kinds: BTreeSet::new(),
            scratch: Vec::with_capacity(1024),
            context: Vec::with_capacity(512),
        }
    }

    /// Takes a row; true if it belongs to this partition and was kept.
    pub fn add(&mut self, row: &VatRow<'_>) -> Result<bool, DocumentError> {
        self.rows_seen = self.rows_seen.saturating_add(1);
        let (place, text) = identity_of(row).ok_or(DocumentError::NoIdentity { line: row.line })?;
        let hash = links::stable_hash(place, text);
        if self.parts > 1 && hash.checked_rem(self.parts) != Some(self.part) {
            return Ok(false);
        }
        let kind = DocumentKind::of_row(row);
        self.scratch.clear();
        self.store(row, hash, kind, (place, text)).ok_or(DocumentError::TooManyRows { line: row.line })?;
        Ok(true)
    }

    /// None beyond 2^32 rows.
    fn store(&mut self, row: &VatRow<'_>, hash: u64, kind: DocumentKind, identity: (IdentityKind, &str)) -> Option<()> {
        codec::encode(row, kind, identity, &mut self.texts, &mut self.context, &mut self.scratch)?;
        let (document, other_kind) = self.find(hash, kind, identity);
        let at = self.arena.push(&self.scratch)?;
        if let Some(document) = document {
            return self.slots.append(document, at);
        }
        let document = self.slots.begin(at)?;
        self.index.insert(hash, document);
        if let Some(other) = other_kind
            && identity.0 == IdentityKind::Number
        {
            self.both_kinds.extend([document, other]);
        }
        Some(())
    }

    /// The document with this key, if rows of it were seen, and the one of the other kind with the same number.
    fn find(&self, hash: u64, kind: DocumentKind, (place, text): (IdentityKind, &str)) -> (Option<u32>, Option<u32>) {
        let mut other_kind = None;
        let found = self.index.find(hash, |document| {
            let record = self.slots.first(document).map_or(&[][..], |at| self.arena.get(at));
            let owner = codec::owner(record, kind, place, text);
            if owner == Owner::OtherKind {
                other_kind = Some(document);
            }
            owner == Owner::Same
        });
        (found, other_kind)
    }

    /// How many documents were found.
    pub fn len(&self) -> usize {
        self.slots.documents()
    }

    /// Whether no row was kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows were kept: as many lines are in the documents.
    pub fn rows_kept(&self) -> usize {
        self.slots.rows()
    }

    /// How many rows were offered, also those of other partitions.
    pub const fn rows_seen(&self) -> u64 {
        self.rows_seen
    }

    /// About how much memory the rows take: some 250 bytes a row. A caller that
    /// has less divides the report into partitions; one partition of many is a fair sample of the whole.
    pub fn estimated_bytes(&self) -> usize {
        [self.arena.bytes(), self.texts.bytes(), self.slots.bytes(), self.index.bytes()]
            .into_iter()
            .fold(0, usize::saturating_add)
    }

    /// The document at a place, counted from 0 in the order of first lines; none beyond the last. The place of
    /// a document does not change when the same report is read again, so it can be a checkpoint.
    pub fn document(&self, place: usize) -> Option<Result<Document, DocumentError>> {
        let document = u32::try_from(place).ok().filter(|_| place < self.len())?;
        Some(self.build(document))
    }

    /// All documents in the order of their first lines.
    pub fn documents(&self) -> impl Iterator<Item = Result<Document, DocumentError>> + '_ {
        (0..self.len()).filter_map(|place| self.document(place))
    }

    fn build(&self, document: u32) -> Result<Document, DocumentError> {
        let mut records = self.slots.of(document).map(|at| self.arena.get(at));
        let first = records.next().ok_or(DocumentError::NoIdentity { line: 0 })?;
        let url = codec::decode_url(first, &self.texts);
        let first = codec::decode(first, &self.texts, &url);
        let mut builder = Builder::new(&first)?;
        for record in records {
            // Only the first row's address is kept.
            builder.add(&codec::decode(record, &self.texts, ""))?;
        }
        let mut built = builder.finish()?;
        if self.both_kinds.contains(&document) {
            built.flags.push(Flag::NumberOfBothKinds);
            built.flags.sort();
        }
        Ok(built)
    }
}
