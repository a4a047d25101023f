//! One pass over a row: where its tabs are.

/// The ends of the fields of one row. The space is kept from row to row.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    ends: Vec<u32>,
    max: usize,
    count: usize,
}

/// How many bytes are looked at before their tabs are written down.
const BLOCK_BYTES: usize = 64;
/// How many ends are written at once, needed or not: cheaper than to ask for each.
const BATCH: usize = 8;

impl Fields {
    /// Room for `max` fields.
    pub(crate) fn with_max(max: usize) -> Self {
        Self { ends: vec![0; max.saturating_add(BLOCK_BYTES).saturating_add(BATCH)], max, count: 0 }
    }

    /// Splits a line at its tabs; false where it has more fields than there is room for.
    #[inline]
    pub(crate) fn split(&mut self, line: &[u8]) -> bool {
        self.count = 0;
        let mut base: u32 = 0;
        let (blocks, rest) = line.as_chunks::<BLOCK_BYTES>();
        for block in blocks {
            if !self.note(tabs_of(block), base) {
                return false;
            }
            base += 64;
        }
        let mut last = [0; BLOCK_BYTES];
        if let Some(start) = last.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        if !self.note(tabs_of(&last), base) || self.count >= self.max {
            return false;
        }
        let Ok(length) = u32::try_from(line.len()) else { return false };
        let Some(end) = self.ends.get_mut(self.count) else { return false };
        *end = length;
        self.count += 1;
        true
    }

    /// Writes down the tabs of one block. Ends beyond the last tab are written too, and overwritten later.
    #[inline]
    fn note(&mut self, mut tabs: u64, base: u32) -> bool {
        let mut slots = self.count;
        self.count += usize::try_from(tabs.count_ones()).unwrap_or(BLOCK_BYTES);
        if self.count > self.max {
            return false;
        }
        while slots < self.count {
            let Some(batch) = self.ends.get_mut(slots..).and_then(<[u32]>::first_chunk_mut::<BATCH>) else {
                return false;
            };
            for end in batch {
                *end = base + tabs.trailing_zeros();
                tabs &= tabs.wrapping_sub(1);
            }
            slots += BATCH;
        }
        true
    }

    /// How many fields the row has.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    fn range(&self, index: usize) -> Option<std::ops::Range<usize>> {
        if index >= self.count {
            return None;
        }
        let end = usize::try_from(*self.ends.get(index)?).ok()?;
        let start = match index.checked_sub(1) {
            Some(before) => usize::try_from(*self.ends.get(before)?).ok()? + 1,
            None => 0,
        };
        Some(start..end)
    }

    /// The field, trimmed; empty where the row does not have it.
    #[inline]
    pub(crate) fn get<'a>(&self, line: &'a str, index: usize) -> &'a str {
        trim(self.range(index).and_then(|range| line.get(range)).unwrap_or_default())
    }

    /// The bytes of the field, without ASCII blanks at its ends; empty where the row does not have it.
    #[inline]
    pub(crate) fn bytes<'a>(&self, line: &'a [u8], index: usize) -> &'a [u8] {
        let field = self.range(index).and_then(|range| line.get(range)).unwrap_or_default();
        match field {
            [] => field,
            [first, .., last] if *first > b' ' && *last > b' ' => field,
            _ => field.trim_ascii(),
        }
    }
}

/// A bit for each tab of a block, the first byte's is the lowest.
#[inline]
fn tabs_of(block: &[u8; BLOCK_BYTES]) -> u64 {
    /// Eight tabs.
    const TABS: u64 = 0x0909_0909_0909_0909;
    /// The seven low bits of eight bytes.
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let (words, _) = block.as_chunks::<8>();
    // Bit `word` of byte `byte`: the bits of one place stand together.
    let mut bits = 0;
    for (word, shift) in words.iter().zip(0..8) {
        let differs = u64::from_le_bytes(*word) ^ TABS;
        // The high bit of each byte that is a tab; exact, without a carry between bytes.
        let tabs = !(((differs & LOW).wrapping_add(LOW)) | differs | LOW);
        bits |= (tabs >> 7) << shift;
    }
    transpose(bits)
}

/// Exchanges the rows and columns of a square of eight times eight bits (Hacker's Delight, 7-3).
#[inline]
fn transpose(mut bits: u64) -> u64 {
    for (mask, distance) in [(0x00aa_00aa_00aa_00aa_u64, 7), (0x0000_cccc_0000_cccc, 14), (0x0000_0000_f0f0_f0f0, 28)] {
        let moved = (bits ^ (bits >> distance)) & mask;
        bits ^= moved ^ (moved << distance);
    }
    bits
}

/// Trims blanks. Most fields have none, and the two bytes at their ends tell.
#[inline]
fn trim(text: &str) -> &str {
    let is_plain = |byte: u8| byte > b' ' && byte < 0x80;
    match text.as_bytes() {
        [] => text,
        [only] if is_plain(*only) => text,
        [first, .., last] if is_plain(*first) && is_plain(*last) => text,
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_wherever_the_tabs_are() {
        let long = "0123456\t".repeat(20);
        for line in [
            "",
            "\t",
            "a",
            "a\tb",
            "\t\t\t\t\t\t\t\t\t",
            "1234567\t9",
            "12345678\t",
            "ü\tタ\t\u{9}x",
            "a b\t c \td\u{3000}",
            "\u{89}\u{8}\n\t",
            &"\t".repeat(64),
            &"\t".repeat(65),
            &"x".repeat(64),
            &long,
            &long[..64],
            &long[..65],
            &long[..63],
        ] {
            let mut fields = Fields::with_max(128);
            assert!(fields.split(line.as_bytes()));
            let expected: Vec<&str> = line.split('\t').map(str::trim).collect();
            let found: Vec<&str> = (0..fields.count()).map(|index| fields.get(line, index)).collect();
            assert_eq!(found, expected, "{line:?}");
            assert_eq!(fields.get(line, 999), "");
        }
    }

    #[test]
    fn a_row_with_more_fields_than_there_is_room_for_is_told() {
        let mut fields = Fields::with_max(3);
        assert!(fields.split(b"a\tb\tc"));
        assert!(!fields.split(b"a\tb\tc\t"));
        assert!(!fields.split(b"aaaaaaaaaaaaaaaaaaaaa\tb\tc\tdddddddddddddd"));
        assert!(!fields.split("\t".repeat(1000).as_bytes()));
    }

    #[test]
    fn bytes_are_trimmed_like_texts() {
        let mut fields = Fields::with_max(8);
        let line = "12,34   \t a\t \tx\t";
        assert!(fields.split(line.as_bytes()));
        for index in 0..6 {
            assert_eq!(fields.bytes(line.as_bytes(), index), fields.get(line, index).as_bytes());
        }
    }
}
