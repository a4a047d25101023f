//! One pass over a row: where its tabs are.

/// The ends of the fields of one row. The space is kept from row to row.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    ends: Vec<u32>,
    count: usize,
}

/// Eight tabs.
const TABS: u64 = 0x0909_0909_0909_0909;
/// The seven low bits of eight bytes.
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

impl Fields {
    /// Room for `max` fields.
    pub(crate) fn with_max(max: usize) -> Self {
        Self { ends: vec![0; max], count: 0 }
    }

    /// Splits a line at its tabs; false where it has more fields than there is room for.
    ///
    /// Eight bytes at a time: with a tab in every eighth byte this takes a quarter of the time of `memchr`, which
    /// begins anew after each.
    #[inline]
    pub(crate) fn split(&mut self, line: &[u8]) -> bool {
        self.count = 0;
        let mut count = 0;
        let mut base: u32 = 0;
        let (words, rest) = line.as_chunks::<8>();
        for word in words {
            let differs = u64::from_le_bytes(*word) ^ TABS;
            // The high bit of each byte that is a tab; exact, without a carry between bytes.
            let mut tabs = !(((differs & LOW).wrapping_add(LOW)) | differs | LOW);
            while tabs != 0 {
                let Some(end) = self.ends.get_mut(count) else { return false };
                *end = base + (tabs.trailing_zeros() >> 3);
                count += 1;
                tabs &= tabs.wrapping_sub(1);
            }
            base += 8;
        }
        for byte in rest {
            if *byte == b'\t' {
                let Some(end) = self.ends.get_mut(count) else { return false };
                *end = base;
                count += 1;
            }
            base += 1;
        }
        let Some(end) = self.ends.get_mut(count) else { return false };
        *end = base;
        self.count = count + 1;
        true
    }

    /// How many fields the row has.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Where the field is; nothing where the row does not have it or has nothing in it.
    #[inline]
    fn range(&self, index: usize) -> Option<std::ops::Range<usize>> {
        let ends = self.ends.get(..self.count).unwrap_or_default();
        let end = *ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *ends.get(before)? + 1,
            None => 0,
        };
        (start < end).then_some(wide(start)..wide(end))
    }

    /// The field, trimmed; empty where the row does not have it.
    #[inline]
    pub(crate) fn get<'a>(&self, line: &'a str, index: usize) -> &'a str {
        let Some(field) = self.range(index).and_then(|range| line.get(range)) else { return "" };
        match field.as_bytes() {
            [only] if is_plain(*only) => field,
            [first, .., last] if is_plain(*first) && is_plain(*last) => field,
            _ => field.trim(),
        }
    }

    /// The bytes of the field, without ASCII blanks at its ends; empty where the row does not have it.
    #[inline]
    pub(crate) fn bytes<'a>(&self, line: &'a [u8], index: usize) -> &'a [u8] {
        let Some(field) = self.range(index).and_then(|range| line.get(range)) else { return &[] };
        match field {
            [first, .., last] if *first > b' ' && *last > b' ' => field,
            _ => field.trim_ascii(),
        }
    }
}

/// Neither a blank nor a part of a character that may be one: most fields begin and end so.
#[inline]
fn is_plain(byte: u8) -> bool {
    byte > b' ' && byte < 0x80
}

/// An offset as an index.
#[inline]
fn wide(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
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
