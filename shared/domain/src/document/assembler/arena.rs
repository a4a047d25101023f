//! One place for many small records.

/// Records go into chunks of this size, so that growing never copies what is there.
const CHUNK_BYTES: usize = 1 << 20;

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    chunk: u32,
    offset: u32,
}

/// An append-only store of byte records.
#[derive(Debug, Default)]
pub(super) struct Arena {
    chunks: Vec<Vec<u8>>,
}

impl Arena {
    /// Stores a record; none only beyond 2^32 chunks or for a record of 4 GiB.
    pub(super) fn push(&mut self, record: &[u8]) -> Option<At> {
        let fits = self.chunks.last().is_some_and(|chunk| chunk.capacity().saturating_sub(chunk.len()) >= record.len());
        if !fits {
            self.chunks.push(Vec::with_capacity(CHUNK_BYTES.max(record.len())));
        }
        let chunk = u32::try_from(self.chunks.len().saturating_sub(1)).ok()?;
        let last = self.chunks.last_mut()?;
        let offset = u32::try_from(last.len()).ok()?;
        last.extend_from_slice(record);
        Some(At { chunk, offset })
    }

    /// The record and whatever comes after it: records know where they end.
    pub(super) fn get(&self, at: At) -> &[u8] {
        let place = usize::try_from(at.chunk).ok().zip(usize::try_from(at.offset).ok());
        place.and_then(|(chunk, offset)| self.chunks.get(chunk)?.get(offset..)).unwrap_or_default()
    }

    /// The bytes that are in use; the free end of the last chunk would say nothing about more rows.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.iter().map(Vec::len).fold(0, usize::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_again_also_beyond_a_chunk() {
        let mut arena = Arena::default();
        let large = vec![7; CHUNK_BYTES + 5];
        let first = arena.push(b"first").unwrap();
        let second = arena.push(&large).unwrap();
        let third = arena.push(b"third").unwrap();
        assert_eq!(arena.get(first), b"first");
        assert_eq!(arena.get(second), large);
        assert_eq!(arena.get(third), b"third");
        assert_eq!(arena.bytes(), CHUNK_BYTES + 15);
    }
}
