//! The kinds of values that fields have.

use std::collections::BTreeMap;

use countinghouse_domain::money::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::number::exact;
use crate::wire::{Fault, Other, Reader};

/// A kind of value.
pub(crate) trait Part: Sized {
    /// Reads what stands there, which is not null. `None` where it says nothing, as a blank text does.
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault>;

    /// Writes it as Amazon does.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// What stands for a field that says nothing; none if the field is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether it says nothing.
    fn says_nothing(&self) -> bool {
        false
    }
}

/// For `serde`.
pub(crate) fn is_absent<T: Part>(value: &T) -> bool {
    value.says_nothing()
}

/// For `serde`.
pub(crate) fn write<T: Part, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

struct Written<'a, T>(&'a T);

impl<T: Part> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<T: Part> Part for Option<T> {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        T::read(raw, reader).map(Some)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.write(serializer),
            None => serializer.serialize_none(),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn says_nothing(&self) -> bool {
        self.is_none()
    }
}

impl<T: Part> Part for Vec<T> {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let entries: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_shape| reader.fault("a list", raw))?;
        let mut values = Self::new();
        for (number, entry) in entries.into_iter().enumerate() {
            if entry.get() != "null" {
                values.extend(reader.within(&number.to_string(), |reader| T::read(entry, reader))?);
            }
        }
        Ok(Some(values))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Written))
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

/// The text that stands there: a number or a word counts as its text. None for a list or an object.
fn text_of(raw: &RawValue) -> Option<String> {
    match raw.get().bytes().next() {
        Some(b'"') => serde_json::from_str(raw.get()).ok(),
        Some(b'{' | b'[') => None,
        _ => Some(raw.get().to_owned()),
    }
}

fn bearable(fault: Fault) -> Fault {
    Fault { is_bearable: true, ..fault }
}

impl Part for String {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let text = text_of(raw).ok_or_else(|| bearable(reader.fault("a text", raw)))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Part for i64 {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let fault = || bearable(reader.fault("a whole number", raw));
        let Some(text) = text_of(raw).filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let number = exact(&text).filter(Decimal::is_integer).ok_or_else(fault)?;
        Self::try_from(number.trunc()).map(Some).map_err(|_large| fault())
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(*self)
    }
}

impl Part for Decimal {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let fault = || reader.fault("a decimal number", raw);
        let text = text_of(raw).ok_or_else(fault)?;
        if text.trim().is_empty() { Ok(None) } else { exact(&text).map(Some).ok_or_else(fault) }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Part for Timestamp {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let fault = || bearable(reader.fault("a date and time such as 2026-11-22T04:05:06Z", raw));
        let text = text_of(raw).ok_or_else(fault)?;
        // The seed says of one date that it `shows "null"`, which may be meant as it is written.
        if text.trim().is_empty() || text.eq_ignore_ascii_case("null") {
            return Ok(None);
        }
        moment(&text).map(Some).ok_or_else(fault)
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A moment; without an offset it is taken for UTC, and a date for its midnight.
fn moment(text: &str) -> Option<Timestamp> {
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(civil)
}

impl Part for BTreeMap<String, String> {
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let mut texts = Self::new();
        for (name, entry) in reader.fields(raw)? {
            // An entry that is no text is kept as its JSON.
            texts.insert(name.into_owned(), text_of(entry).unwrap_or_else(|| entry.get().to_owned()));
        }
        Ok(Some(texts))
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl Part for Money {
    /// An amount of nothing in no currency is how Amazon writes that there is none
    /// (`{"currencyCode": "", "amount": "0"}` in its sandbox).
    fn read(raw: &RawValue, reader: &mut Reader) -> Result<Option<Self>, Fault> {
        let mut fields = reader.fields(raw)?;
        let written = fields.get("currencyCode").copied();
        let mut other = Other::new();
        let amount: Option<Decimal> = reader.take("amount", &mut fields, &mut other)?;
        let code: Option<String> = reader.take("currencyCode", &mut fields, &mut other)?;
        reader.keep(fields, &mut other);
        reader.spill(other);
        match (amount, code) {
            (None, _) => Ok(None),
            (Some(amount), None) if amount.is_zero() => Ok(None),
            (Some(_), None) => Err(reader.within("currencyCode", |reader| reader.missing())),
            (Some(amount), Some(code)) => match code.trim().to_ascii_uppercase().parse::<Currency>() {
                Ok(currency) => Ok(Some(Self::new(amount, currency))),
                Err(_unknown) => {
                    let found = written.unwrap_or(raw);
                    Err(reader.within("currencyCode", |reader| reader.fault("a currency of ISO 4217", found)))
                }
            },
        }
    }

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("currencyCode", self.currency.code())?;
        map.serialize_entry("amount", &Written(&self.amount))?;
        map.end()
    }
}
