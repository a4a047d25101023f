//! JSON with the exact text of its numbers: an amount that is written as a number never becomes a float.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value. Numbers keep the digits as written, objects keep the order and the repetition of their fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written, for example `12.50`.
    Number(String),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The first field of this name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// Reads JSON text.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        Self::from_raw(serde_json::from_str::<&RawValue>(text)?)
    }

    fn from_raw(raw: &RawValue) -> Result<Self, serde_json::Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => Self::Object(serde_json::Deserializer::from_str(text).deserialize_map(Fields)?),
            Some(b'[') => Self::List(
                serde_json::from_str::<Vec<&RawValue>>(text)?
                    .into_iter()
                    .map(Self::from_raw)
                    .collect::<Result<_, _>>()?,
            ),
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') => Self::Null,
            _ => Self::Number(text.to_owned()),
        })
    }

    /// What it is, as an error says it, without its content.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(String, Node)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(map.size_hint().unwrap_or(8));
        while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
            fields.push((name, Node::from_raw(raw).map_err(serde::de::Error::custom)?));
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let node = Node::parse(r#"{"a": 0.10000000000000000001, "b": [1e2, -0.50]}"#).unwrap();
        assert_eq!(node.get("a"), Some(&Node::Number("0.10000000000000000001".into())));
        assert_eq!(node.get("b"), Some(&Node::List(vec![Node::Number("1e2".into()), Node::Number("-0.50".into())])));
    }

    #[test]
    fn a_repeated_field_is_kept_twice() {
        let Node::Object(fields) = Node::parse(r#"{"a": 1, "a": "x\u00e9\n"}"#).unwrap() else { panic!() };
        assert_eq!(fields.len(), 2);
        assert_eq!(fields[1].1, Node::text("xé\n"));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", "{\"a\":01}", "[1,]", "{\"a\":\"\\ud800\"}", "nul", "{} x"] {
            assert!(Node::parse(text).is_err(), "{text}");
        }
    }
}
