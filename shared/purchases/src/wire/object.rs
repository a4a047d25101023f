//! Objects: which fields they have, and what becomes of the others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use crate::wire::{Fault, Other, Part, Raw, Remark, RemarkKind};

/// The fields of an object that nobody has taken yet.
pub(crate) type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads one piece of JSON and knows where in it it is.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    path: Vec<String>,
    /// What amounts had beyond amount and currency, until their object keeps it.
    spilled: Other,
    pub(crate) remarks: Vec<Remark>,
}

impl Reader {
    /// Does something one step further in.
    pub(crate) fn within<T>(&mut self, step: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.to_owned());
        let result = act(self);
        self.path.pop();
        result
    }

    /// The present place as a JSON pointer (RFC 6901).
    fn pointer(&self) -> String {
        self.path.iter().fold(String::new(), |mut pointer, step| {
            let _infallible = write!(pointer, "/{}", step.replace('~', "~0").replace('/', "~1"));
            pointer
        })
    }

    pub(crate) fn remark(&mut self, kind: RemarkKind) {
        self.remarks.push(Remark { pointer: self.pointer(), kind });
    }

    /// Something else stands here than is expected.
    pub(crate) fn fault(&self, expected: &str, found: &RawValue) -> Fault {
        let problem = format!("{expected} is expected, but {} stands there", kind_of(found));
        Fault { pointer: self.pointer(), problem, is_bearable: false }
    }

    /// Nothing stands here.
    pub(crate) fn missing(&self) -> Fault {
        Fault { pointer: self.pointer(), problem: "this is missing, or null".to_owned(), is_bearable: false }
    }

    /// The fields of the object that stands here.
    pub(crate) fn fields<'a>(&self, raw: &'a RawValue) -> Result<Fields<'a>, Fault> {
        serde_json::from_str(raw.get()).map_err(|_shape| self.fault("an object", raw))
    }

    /// Takes one field. What cannot be read, where the books can do without it, is kept aside in `other`.
    pub(crate) fn take<T: Part>(&mut self, name: &str, fields: &mut Fields, other: &mut Other) -> Result<T, Fault> {
        let Some(raw) = fields.remove(name).filter(|raw| raw.get() != "null") else {
            return T::absent().ok_or_else(|| self.within(name, |reader| reader.missing()));
        };
        let read = self.within(name, |reader| T::read(raw, reader));
        let spilled = std::mem::take(&mut self.spilled);
        other.extend(spilled.into_iter().map(|(inner, raw)| (format!("{name}.{inner}"), raw)));
        match (read, T::absent()) {
            (Ok(Some(value)), _) | (Ok(None), Some(value)) => Ok(value),
            (Ok(None), None) => Err(self.within(name, |reader| reader.missing())),
            (Err(fault), Some(absent)) if fault.is_bearable => {
                self.within(name, |reader| reader.remark(RemarkKind::Unreadable));
                other.insert(name.to_owned(), Raw::from(raw));
                Ok(absent)
            }
            (Err(fault), _) => Err(fault),
        }
    }

    /// Hands what an amount cannot keep to the object that holds it, under `field.name`.
    pub(crate) fn spill(&mut self, other: Other) {
        self.spilled.extend(other);
    }

    /// Keeps the fields that nobody took. A null says nothing and is not kept.
    pub(crate) fn keep(&mut self, fields: Fields, other: &mut Other) {
        for (name, raw) in fields {
            if raw.get() == "null" {
                continue;
            }
            self.within(&name, |reader| reader.remark(RemarkKind::UnknownField));
            other.insert(name.into_owned(), Raw::from(raw));
        }
    }
}

/// What stands there, without its value.
fn kind_of(raw: &RawValue) -> &'static str {
    match raw.get().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Declares an object of the API: its fields, their types and Amazon's names. A field of type `Option` or `Vec` may
/// be absent or null; every other one is required.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $wire:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(rename = $wire, serialize_with = "crate::wire::write", skip_serializing_if = "crate::wire::is_absent")]
                pub $field: $type,
            )*
            /// What Amazon sent beyond the fields above, or in a way that cannot be read.
            #[serde(flatten)]
            pub other: crate::wire::Other,
        }

        impl crate::wire::Part for $name {
            fn read(
                raw: &serde_json::value::RawValue,
                reader: &mut crate::wire::Reader,
            ) -> Result<Option<Self>, crate::wire::Fault> {
                let mut other = crate::wire::Other::new();
                let mut fields: crate::wire::Fields<'_> = reader.fields(raw)?;
                $(let $field: $type = reader.take($wire, &mut fields, &mut other)?;)*
                reader.keep(fields, &mut other);
                Ok(Some(Self { $($field,)* other }))
            }

            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(self, serializer)
            }
        }

        #[cfg(test)]
        impl $name {
            /// Amazon's names of its fields, for the test that holds them against Amazon's reference.
            pub(crate) const FIELDS: &'static [&'static str] = &[$($wire),*];
        }
    };
}

/// Declares the words that a field may hold. A word that is not among them is kept and remarked.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $wire:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $word,)*
            /// A word that Amazon's model does not state, as it came.
            Unknown(String),
        }

        impl $name {
            /// Amazon's word.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$word => $wire,)*
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($wire => Self::$word,)*
                    _ => Self::Unknown(word.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl crate::wire::Part for $name {
            fn read(
                raw: &serde_json::value::RawValue,
                reader: &mut crate::wire::Reader,
            ) -> Result<Option<Self>, crate::wire::Fault> {
                let word = <String as crate::wire::Part>::read(raw, reader)?;
                Ok(word.map(|word| {
                    let value = Self::from(word.as_str());
                    if matches!(value, Self::Unknown(_)) {
                        reader.remark(crate::wire::RemarkKind::UnknownValue);
                    }
                    value
                }))
            }

            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

pub(crate) use {object, words};
