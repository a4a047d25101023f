//! From a text of JSON to a thing and back.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::wire::{Fault, Part, Read, ReadError, Reader};

/// Reads a piece of JSON; `subject` says whose it is when it cannot be read.
pub(crate) fn read<T: Part>(
    json: &str,
    subject: impl FnOnce(&RawValue) -> Option<String>,
) -> Result<Read<T>, ReadError> {
    root(json, |raw, reader| T::read(raw, reader)?.ok_or_else(|| reader.missing()))
        .map_err(|fault| fault.about(serde_json::from_str(json).ok().and_then(subject)))
}

/// Reads a piece of JSON from its root.
pub(crate) fn root<T>(
    json: &str,
    act: impl FnOnce(&RawValue, &mut Reader) -> Result<T, Fault>,
) -> Result<Read<T>, Fault> {
    let raw: &RawValue = serde_json::from_str(json).map_err(|error| Fault {
        pointer: String::new(),
        problem: format!("this is not JSON (line {}, column {})", error.line(), error.column()),
        is_bearable: false,
    })?;
    let mut reader = Reader::default();
    let value = act(raw, &mut reader)?;
    Ok(Read { value, remarks: reader.remarks })
}

/// As Amazon writes it.
pub(crate) fn to_json(value: &impl serde::Serialize) -> String {
    // Keys are texts, and raw pieces were JSON when they came, so writing to memory cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// `transaction 1x47`, where the identifier can be read at all.
pub(crate) fn subject(raw: &RawValue, name: &str, noun: &str) -> Option<String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let id: String = serde_json::from_str(fields.get(name)?.get()).ok()?;
    Some(format!("{noun} {}", id.chars().take(80).collect::<String>()))
}
