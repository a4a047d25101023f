//! Reads a received value as one of the model, and collects everything that is wrong with it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Bound;

use crate::api::Api;
use crate::model::{Presence, Wire};
use crate::nearest::nearest;
use crate::node::Node;
use crate::note::{Violation, Warning, shown};
use crate::rule::{Notice, Rule};

/// What a check has found so far, and the place where it is.
#[derive(Debug)]
pub(crate) struct Form {
    /// The API whose names and rules apply.
    pub(crate) api: Api,
    /// Whether the values were cells of a CSV file.
    pub(crate) in_csv: bool,
    pointer: String,
    pub(crate) violations: Vec<Violation>,
    /// The places of the violations.
    noted: BTreeSet<String>,
    /// The places that could not be read at all.
    unreadable: BTreeSet<String>,
    pub(crate) warnings: Vec<Warning>,
}

impl Form {
    pub(crate) const fn new(api: Api) -> Self {
        Self {
            api,
            in_csv: false,
            pointer: String::new(),
            violations: Vec::new(),
            noted: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            warnings: Vec::new(),
        }
    }

    /// Does something one level deeper, in the field or element `name`.
    pub(crate) fn within<T>(&mut self, name: impl std::fmt::Display, act: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        // Writing to a String cannot fail.
        let _ = write!(self.pointer, "/{name}");
        let done = act(self);
        self.pointer.truncate(length);
        done
    }

    /// Notes a violation here.
    pub(crate) fn violation(&mut self, rule: Rule, expected: impl Into<String>, found: impl Into<String>) {
        self.noted.insert(self.pointer.clone());
        if rule == Rule::WrongType {
            self.unreadable.insert(self.pointer.clone());
        }
        self.violations.push(Violation::new(self.pointer.clone(), rule, expected, found));
    }

    /// Notes a violation of the field `name` here.
    pub(crate) fn violation_of(
        &mut self,
        name: &str,
        rule: Rule,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        self.within(name, |form| form.violation(rule, expected, found));
    }

    /// Whether something is wrong here already, so that a rule of what is missing says nothing.
    pub(crate) fn is_noted(&self) -> bool {
        let below = self.noted.range::<str, _>((Bound::Included(self.pointer.as_str()), Bound::Unbounded)).next();
        let above =
            || self.pointer.match_indices('/').any(|(end, _)| self.unreadable.contains(self.pointer.split_at(end).0));
        below.is_some_and(|pointer| pointer.starts_with(&self.pointer)) || above()
    }

    /// Whether something is wrong with the field `name` here already.
    pub(crate) fn is_noted_of(&mut self, name: &str) -> bool {
        self.within(name, |form| form.is_noted())
    }

    /// Notes a warning here.
    pub(crate) fn warning(&mut self, notice: Notice, text: impl Into<String>) {
        self.warnings.push(Warning::new(self.pointer.clone(), notice, text));
    }

    /// Notes a warning about the field `name` here.
    pub(crate) fn warning_of(&mut self, name: &str, notice: Notice, text: impl Into<String>) {
        self.within(name, |form| form.warning(notice, text));
    }

    /// The fields of an object; those that the model does not know, or that are repeated, are violations.
    pub(crate) fn object<'n>(&mut self, node: &'n Node, known: &[Presence]) -> Option<&'n [(String, Node)]> {
        let Node::Object(fields) = node else {
            self.wrong_type("an object", node);
            return None;
        };
        for (name, _) in fields {
            if !known.iter().any(|presence| presence.name(self.api) == Some(name)) {
                self.unknown(name, known);
            }
        }
        let api = self.api;
        for name in known.iter().filter_map(|presence| presence.name(api)) {
            let times = fields.iter().filter(|(field, _)| field == name).count();
            if times > 1 {
                self.violation_of(name, Rule::RepeatedField, "the field once", "the field again");
            }
        }
        Some(fields)
    }

    fn unknown(&mut self, name: &str, known: &[Presence]) {
        let api = self.api;
        let names = known.iter().filter_map(|presence| presence.name(api));
        let elsewhere = known.iter().find(|presence| presence.any_name(name)).and_then(|presence| presence.name(api));
        let expected = match elsewhere.or_else(|| nearest(name, names)) {
            Some(meant) => format!("a field of Amazon's model; perhaps `{meant}`"),
            None => "a field of Amazon's model".to_owned(),
        };
        let pointed = name.replace('~', "~0").replace('/', "~1");
        self.violation_of(&pointed, Rule::UnknownField, expected, shown(name));
    }

    /// The value of a field that is there once.
    pub(crate) fn one<T: Wire>(&mut self, fields: &[(String, Node)], presence: Presence) -> Option<T> {
        let name = presence.name(self.api)?;
        let must = presence.required(self.api);
        match fields.iter().find(|(field, _)| field == name).map(|(_, node)| node) {
            None if must => self.violation_of(name, Rule::RequiredField, T::EXPECTED, "nothing"),
            None => {}
            Some(Node::Null) if must => self.violation_of(name, Rule::RequiredField, T::EXPECTED, "null"),
            Some(Node::Null) => self.warning_of(name, Notice::NullLeftOut, "null is not sent"),
            Some(Node::Text(text)) if text.trim().is_empty() => {
                if must {
                    self.violation_of(name, Rule::RequiredField, T::EXPECTED, "a blank text");
                } else {
                    self.warning_of(name, Notice::EmptyLeftOut, "a blank text is not sent");
                }
            }
            Some(node) => return self.within(name, |form| T::read(node, form)),
        }
        None
    }

    /// The values of a field that is a list. An element that cannot be read at all leaves its place empty, so that
    /// the places of those after it stay right.
    pub(crate) fn many<T: Wire + Default>(&mut self, fields: &[(String, Node)], presence: Presence) -> Vec<T> {
        let Some(name) = presence.name(self.api) else { return Vec::new() };
        let must = presence.required(self.api);
        let list = match fields.iter().find(|(field, _)| field == name).map(|(_, node)| node) {
            Some(Node::List(list)) => list,
            Some(Node::Null) if !must => {
                self.warning_of(name, Notice::NullLeftOut, "null is not sent");
                return Vec::new();
            }
            Some(node) => {
                self.within(name, |form| form.wrong_type("a list", node));
                return Vec::new();
            }
            None => {
                if must {
                    self.violation_of(name, Rule::RequiredField, "a list", "nothing");
                }
                return Vec::new();
            }
        };
        self.within(name, |form| {
            let read = |(index, node)| form.within(index, |form| T::read(node, form)).unwrap_or_default();
            list.iter().enumerate().map(read).collect()
        })
    }

    /// Notes that a value is of another type.
    pub(crate) fn wrong_type(&mut self, expected: &str, node: &Node) {
        self.violation(Rule::WrongType, expected, node.kind());
    }
}
