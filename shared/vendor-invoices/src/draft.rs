//! One invoice as it was received.

use std::fmt;
use std::sync::Arc;

use crate::api::Api;
use crate::json::{ReadError, ReadErrorKind};
use crate::node::Node;

/// Where an invoice was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file or message, as its reader was told to call it.
    pub file: Arc<str>,
    /// Which invoice of the file, the first is 0.
    pub index: u64,
    /// The line where it begins, the first is 1.
    pub line: u64,
}

impl Place {
    /// The first invoice of a file or message.
    pub fn first_of(file: &str) -> Self {
        Self { file: file.into(), index: 0, line: 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

/// One invoice as it was received, before anything is known of it but its API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    api: Api,
    node: Node,
    place: Place,
    /// Whether a cell of a CSV file is what a person wrote, who is told of its forms then.
    in_csv: bool,
}

impl Draft {
    /// An invoice whose API is told by its fields.
    pub fn new(node: Node, place: Place) -> Self {
        Self { api: Api::told_by(&node), node, place, in_csv: false }
    }

    /// An invoice whose API is known.
    pub const fn with_api(api: Api, node: Node, place: Place) -> Self {
        Self { api, node, place, in_csv: false }
    }

    /// An invoice of a CSV file, which names the API.
    pub(crate) const fn from_csv(api: Api, node: Node, place: Place) -> Self {
        Self { api, node, place, in_csv: true }
    }

    /// Whether it was read from CSV.
    pub(crate) const fn in_csv(&self) -> bool {
        self.in_csv
    }

    /// Reads one invoice from JSON text, for example a [`serde_json::value::RawValue`] of a message.
    pub fn from_json(text: &str, place: Place) -> Result<Self, ReadError> {
        match Node::parse(text) {
            Ok(node) => Ok(Self::new(node, place)),
            Err(error) => Err(ReadError::new(ReadErrorKind::Syntax, &place.file, place.line).because(error)),
        }
    }

    /// The API that it is for.
    pub const fn api(&self) -> Api {
        self.api
    }

    /// What was received.
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// Where it was found.
    pub const fn place(&self) -> &Place {
        &self.place
    }
}
