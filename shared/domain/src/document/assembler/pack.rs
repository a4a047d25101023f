//! Numbers and texts as few bytes.

use jiff::civil::Date;
use rust_decimal::Decimal;

/// Seven bits in each byte, the lowest first; the highest bit says that more come.
#[inline]
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
}

/// Small numbers stay small, with either sign.
#[inline]
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

pub(super) fn put_length(out: &mut Vec<u8>, length: usize) {
    put_number(out, u64::try_from(length).unwrap_or_default());
}

pub(super) fn put_date(out: &mut Vec<u8>, date: Option<Date>) {
    // No date is packed as 0: a day is never 0.
    let packed = date.map_or(0, |date| {
        let year = i64::from(date.year());
        (((year << 1) ^ (year >> 63)) << 9) | (i64::from(date.month()) << 5) | i64::from(date.day())
    });
    put_number(out, packed.cast_unsigned());
}

pub(super) fn put_decimal(out: &mut Vec<u8>, decimal: Decimal) {
    put_number(out, u64::from(decimal.scale()));
    out.extend_from_slice(&decimal.mantissa().to_le_bytes());
}

pub(super) fn put_optional_decimal(out: &mut Vec<u8>, decimal: Option<Decimal>) {
    out.push(u8::from(decimal.is_some()));
    if let Some(decimal) = decimal {
        put_decimal(out, decimal);
    }
}

pub(super) fn put_bool(out: &mut Vec<u8>, value: Option<bool>) {
    out.push(match value {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    });
}

/// Reads what the functions above wrote. Beyond the end everything is empty or zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unpack<'a>(pub(super) &'a [u8]);

impl<'a> Unpack<'a> {
    pub(super) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    #[inline]
    pub(super) fn number(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0_u32;
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
            if byte < 0x80 {
                return number;
            }
            shift = shift.saturating_add(7);
        }
    }

    #[inline]
    pub(super) fn signed(&mut self) -> i64 {
        let number = self.number();
        let sign = if number & 1 == 1 { -1 } else { 0 };
        (number >> 1).cast_signed() ^ sign
    }

    pub(super) fn length(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or_default()
    }

    pub(super) fn bytes(&mut self) -> &'a [u8] {
        let length = self.length();
        let (bytes, rest) = self.0.split_at_checked(length).unwrap_or_default();
        self.0 = rest;
        bytes
    }

    pub(super) fn text(&mut self) -> &'a str {
        // Only texts are ever packed as texts.
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    pub(super) fn date(&mut self) -> Option<Date> {
        let packed = self.number();
        let part = |bits: u64| i8::try_from(bits).ok();
        let year = packed >> 9;
        let sign = if year & 1 == 1 { -1 } else { 0 };
        let year = i16::try_from((year >> 1).cast_signed() ^ sign).ok()?;
        Date::new(year, part((packed >> 5) & 0xf)?, part(packed & 0x1f)?).ok()
    }

    pub(super) fn decimal(&mut self) -> Decimal {
        let scale = u32::try_from(self.number()).unwrap_or_default();
        let Some((mantissa, rest)) = self.0.split_first_chunk::<16>() else { return Decimal::ZERO };
        self.0 = rest;
        Decimal::try_from_i128_with_scale(i128::from_le_bytes(*mantissa), scale).unwrap_or_default()
    }

    pub(super) fn optional_decimal(&mut self) -> Option<Decimal> {
        (self.byte() == 1).then(|| self.decimal())
    }

    pub(super) fn bool(&mut self) -> Option<bool> {
        match self.byte() {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_read_back(
            number: u64, signed: i64, text: String, mantissa in -(1_i128 << 95)..(1_i128 << 95), scale in 0_u32..=28,
            year in -9999_i16..=9999, month in 1_i8..=12, day in 1_i8..=28, flag: Option<bool>,
        ) {
            let decimal = Decimal::from_i128_with_scale(mantissa, scale);
            let date = Date::new(year, month, day).unwrap();
            let mut out = Vec::new();
            put_number(&mut out, number);
            put_signed(&mut out, signed);
            put_bytes(&mut out, text.as_bytes());
            put_optional_decimal(&mut out, Some(decimal));
            put_optional_decimal(&mut out, None);
            put_date(&mut out, Some(date));
            put_date(&mut out, None);
            put_bool(&mut out, flag);
            let mut unpack = Unpack(&out);
            prop_assert_eq!(unpack.number(), number);
            prop_assert_eq!(unpack.signed(), signed);
            prop_assert_eq!(unpack.text(), text);
            let read = unpack.optional_decimal().unwrap();
            prop_assert_eq!((read, read.scale()), (decimal, scale));
            prop_assert_eq!(unpack.optional_decimal(), None);
            prop_assert_eq!(unpack.date(), Some(date));
            prop_assert_eq!(unpack.date(), None);
            prop_assert_eq!(unpack.bool(), flag);
            prop_assert!(unpack.0.is_empty());
        }
    }

    #[test]
    fn a_usual_amount_takes_two_bytes_and_a_date_three() {
        let mut out = Vec::new();
        put_signed(&mut out, 2750);
        assert_eq!(out.len(), 2);
        out.clear();
        put_date(&mut out, Some(jiff::civil::date(2026, 11, 22)));
        assert_eq!(out.len(), 3);
    }
}
