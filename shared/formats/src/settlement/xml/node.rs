//! One group of the report, such as an order, as a small tree.

use crate::error::{ErrorKind, Fault};

/// More elements than a group has; a group is held in memory as a whole.
const MAX_NODES: usize = 100_000;
/// Deeper than a group is.
const MAX_DEPTH: usize = 16;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: Box<str>,
    /// The line where it begins.
    pub(super) line: u64,
    /// Its own text.
    pub(super) text: String,
    /// Its attribute `currency`.
    pub(super) currency: Option<Box<str>>,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The trimmed text of a child; empty where there is none.
    pub(super) fn child_text(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| *child.name == *name)
    }

    /// Whether it or an element in it may be an amount.
    pub(super) fn may_hold_an_amount(&self) -> bool {
        self.currency.is_some() || self.name.contains("Amount") || self.children.iter().any(Self::may_hold_an_amount)
    }
}

/// Builds the tree of one group from its tags.
#[derive(Debug, Default)]
pub(super) struct Builder {
    open: Vec<Node>,
    nodes: usize,
}

impl Builder {
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn start(&mut self, node: Node) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES || self.open.len() >= MAX_DEPTH {
            let expected = format!("at most {MAX_NODES} elements, {MAX_DEPTH} deep, in an order or another group");
            return Err(Fault::new(ErrorKind::Limit, "a group larger than allowed", expected));
        }
        self.open.push(node);
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some(node) = self.open.last_mut() {
            node.text.push_str(text);
        }
    }

    /// Closes the innermost element; gives the group when that was its outermost.
    pub(super) fn end(&mut self) -> Option<Node> {
        let mut node = self.open.pop()?;
        // Between elements there are only blanks.
        if !node.children.is_empty() {
            node.text.clear();
        }
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(node);
            return None;
        }
        self.nodes = 0;
        Some(node)
    }
}
