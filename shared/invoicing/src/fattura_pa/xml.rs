//! A few lines that write XML: elements in order, texts escaped.

use quick_xml::escape::escape;

pub(super) struct Xml(String);

impl Xml {
    pub(super) fn begin(root: &str, attributes: &[(&str, &str)]) -> Self {
        let mut text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}");
        for (name, value) in attributes {
            text.extend([" ", *name, "=\"", &escape(*value), "\""]);
        }
        Self(text + ">\n")
    }

    pub(super) fn open(&mut self, name: &str) {
        self.0.extend(["<", name, ">\n"]);
    }

    pub(super) fn close(&mut self, name: &str) {
        self.0.extend(["</", name, ">\n"]);
    }

    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        self.0.extend(["<", name, ">", &escape(text), "</", name, ">\n"]);
    }

    /// An element that is left out where there is no text.
    pub(super) fn filled(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.leaf(name, text);
        }
    }

    pub(super) fn finish(mut self, root: &str) -> Vec<u8> {
        self.close(root);
        self.0.into_bytes()
    }
}
