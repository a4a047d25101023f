//! Which invoice ids were there before, in bounded memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

/// How many ids are kept in memory; further ones lie in a temporary file.
const IN_MEMORY: usize = 1 << 14;

/// An earlier invoice with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Whether its content was the same too.
    pub same_content: bool,
    /// The file that it was in, as the caller numbers the files.
    pub file: u32,
    /// Its place in that file, as the caller counts.
    pub position: u64,
}

/// Notes invoice ids, and finds those that come again.
///
/// The memory is bounded: from the 16,385th id on they lie in a temporary file, as a hash table that is read at one
/// place for each id.
#[derive(Debug, Default)]
pub struct Seen {
    memory: HashMap<Key, Entry>,
    disk: Option<Disk>,
}

/// The first half of a SHA-256: enough that no two ids meet.
type Key = [u8; 16];

#[derive(Debug, Clone, Copy)]
struct Entry {
    content: Key,
    file: u32,
    position: u64,
}

impl Seen {
    /// Notes an id with its content, file and position, unless it was noted before: then that one comes back.
    ///
    /// Errors are those of the temporary file.
    pub fn note(&mut self, id: &str, content: &[u8], file: u32, position: u64) -> io::Result<Option<Earlier>> {
        let (key, content) = (half_hash(id.as_bytes()), half_hash(content));
        let entry = Entry { content, file, position };
        let earlier = if let Some(earlier) = self.memory.get(&key) {
            Some(*earlier)
        } else if self.memory.len() < IN_MEMORY {
            self.memory.insert(key, entry);
            None
        } else {
            let disk = match self.disk.take() {
                Some(disk) => disk,
                None => Disk::new(FIRST_SLOTS)?,
            };
            self.disk.insert(disk).find_or_insert(key, entry)?
        };
        Ok(earlier.map(|earlier| Earlier {
            same_content: earlier.content == content,
            file: earlier.file,
            position: earlier.position,
        }))
    }
}

fn half_hash(bytes: &[u8]) -> Key {
    let hash = Sha256::digest(bytes);
    let mut key = Key::default();
    key.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    key
}

/// A slot: one byte that says it is taken, key, content, file, position.
const SLOT_BYTES: usize = 1 + 16 + 16 + 4 + 8;
const FIRST_SLOTS: u64 = 1 << 17;

type Slot = [u8; SLOT_BYTES];

fn slot_of(key: &Key, entry: &Entry) -> Slot {
    let parts = [1_u8].into_iter().chain(*key).chain(entry.content);
    let parts = parts.chain(entry.file.to_le_bytes()).chain(entry.position.to_le_bytes());
    let mut slot = [0; SLOT_BYTES];
    slot.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    slot
}

/// The parts of a slot; nothing when it is free.
fn parts_of(slot: &Slot) -> Option<(Key, Entry)> {
    let mut bytes = slot.iter().copied();
    let taken = bytes.next()? == 1;
    let mut next = |to: &mut [u8]| to.iter_mut().zip(&mut bytes).for_each(|(to, from)| *to = from);
    let (mut key, mut content, mut file, mut position) = ([0; 16], [0; 16], [0; 4], [0; 8]);
    next(&mut key);
    next(&mut content);
    next(&mut file);
    next(&mut position);
    let entry = Entry { content, file: u32::from_le_bytes(file), position: u64::from_le_bytes(position) };
    taken.then_some((key, entry))
}

/// A hash table in a temporary file: a taken slot is passed over to the next one. It doubles when it is two thirds full.
#[derive(Debug)]
struct Disk {
    file: File,
    slots: u64,
    taken: u64,
}

impl Disk {
    fn new(slots: u64) -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        file.set_len(slots.saturating_mul(width()))?;
        Ok(Self { file, slots, taken: 0 })
    }

    fn find_or_insert(&mut self, key: Key, entry: Entry) -> io::Result<Option<Entry>> {
        if self.taken.saturating_mul(3) > self.slots.saturating_mul(2) {
            self.double()?;
        }
        let (start, _) = key.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let mut number = u64::from_le_bytes(*start) % self.slots;
        loop {
            let mut slot: Slot = [0; SLOT_BYTES];
            self.file.seek(SeekFrom::Start(number.saturating_mul(width())))?;
            self.file.read_exact(&mut slot)?;
            match parts_of(&slot) {
                Some((found, earlier)) if found == key => return Ok(Some(earlier)),
                Some(_) => number = number.saturating_add(1) % self.slots,
                None => break,
            }
        }
        self.file.seek(SeekFrom::Start(number.saturating_mul(width())))?;
        self.file.write_all(&slot_of(&key, &entry))?;
        self.taken = self.taken.saturating_add(1);
        Ok(None)
    }

    fn double(&mut self) -> io::Result<()> {
        let mut larger = Self::new(self.slots.saturating_mul(2))?;
        self.file.seek(SeekFrom::Start(0))?;
        let mut slots = BufReader::new(&self.file);
        for _ in 0..self.slots {
            let mut slot: Slot = [0; SLOT_BYTES];
            slots.read_exact(&mut slot)?;
            if let Some((key, entry)) = parts_of(&slot) {
                larger.find_or_insert(key, entry)?;
            }
        }
        *self = larger;
        Ok(())
    }
}

fn width() -> u64 {
    u64::try_from(SLOT_BYTES).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_one_with_an_id_is_found_again() {
        let mut seen = Seen::default();
        assert_eq!(seen.note("A", b"x", 0, 7).unwrap(), None);
        assert_eq!(seen.note("B", b"x", 0, 8).unwrap(), None);
        let same = Earlier { same_content: true, file: 0, position: 7 };
        assert_eq!(seen.note("A", b"x", 1, 1).unwrap(), Some(same));
        assert_eq!(seen.note("A", b"y", 1, 2).unwrap(), Some(Earlier { same_content: false, ..same }));
    }

    #[test]
    fn ids_beyond_the_memory_are_found_in_the_file_also_after_it_grew() {
        let mut seen = Seen { memory: HashMap::new(), disk: Some(Disk::new(4).unwrap()) };
        let ids = 0..u64::try_from(IN_MEMORY).unwrap() + 100;
        for id in ids.clone() {
            assert_eq!(seen.note(&id.to_string(), b"", 3, id).unwrap(), None, "{id}");
        }
        assert_eq!(seen.memory.len(), IN_MEMORY);
        assert_eq!(seen.disk.as_ref().unwrap().taken, 100);
        for id in ids {
            let earlier = Earlier { same_content: true, file: 3, position: id };
            assert_eq!(seen.note(&id.to_string(), b"", 9, 9).unwrap(), Some(earlier), "{id}");
        }
    }
}
