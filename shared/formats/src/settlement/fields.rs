//! One pass over a row: where its tabs are.

/// The ends of the fields of one row. The space is kept from row to row.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    ends: Vec<usize>,
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
    #[inline]
    pub(crate) fn split(&mut self, line: &[u8]) -> bool {
        let mut count = 0;
        let mut base = 0;
        let (words, rest) = line.as_chunks::<8>();
        for word in words {
            let differs = u64::from_le_bytes(*word) ^ TABS;
            // The high bit of each byte that is a tab; exact, without a carry between bytes.
            let mut tabs = !(((differs & LOW).wrapping_add(LOW)) | differs | LOW);
            while tabs != 0 {
                let Some(end) = self.ends.get_mut(count) else { return false };
                *end = base + byte_of(tabs);
                count += 1;
                tabs &= tabs.wrapping_sub(1);
            }
            base += 8;
        }
        for (offset, byte) in rest.iter().enumerate() {
            if *byte == b'\t' {
                let Some(end) = self.ends.get_mut(count) else { return false };
                *end = base + offset;
                count += 1;
            }
        }
        let Some(end) = self.ends.get_mut(count) else { return false };
        *end = line.len();
        self.count = count + 1;
        true
    }

    /// How many fields the row has.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The field, trimmed; empty where the row does not have it.
    #[inline]
    pub(crate) fn get<'a>(&self, line: &'a str, index: usize) -> &'a str {
        if index >= self.count {
            return "";
        }
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).map_or(0, |end| end + 1),
            None => 0,
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        trim(line.get(start..end).unwrap_or_default())
    }
}

/// The first byte of a word whose high bit is set.
#[inline]
fn byte_of(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros() / 8).unwrap_or_default()
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
        ] {
            let mut fields = Fields::with_max(12);
            assert!(fields.split(line.as_bytes()));
            let expected: Vec<&str> = line.split('\t').map(str::trim).collect();
            let found: Vec<&str> = (0..fields.count()).map(|index| fields.get(line, index)).collect();
            assert_eq!(found, expected, "{line:?}");
            assert_eq!(fields.get(line, 99), "");
        }
    }

    #[test]
    fn a_row_with_more_fields_than_there_is_room_for_is_told() {
        let mut fields = Fields::with_max(3);
        assert!(fields.split(b"a\tb\tc"));
        assert!(!fields.split(b"a\tb\tc\t"));
        assert!(!fields.split(b"aaaaaaaaaaaaaaaaaaaaa\tb\tc\tdddddddddddddd"));
    }
}
