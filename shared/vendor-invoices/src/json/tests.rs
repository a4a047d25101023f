use super::*;

fn read(text: &str) -> Result<Vec<(u64, u64, Node)>, String> {
    read_bytes(text.as_bytes())
}

fn read_bytes(bytes: &[u8]) -> Result<Vec<(u64, u64, Node)>, String> {
    let mut reader = JsonReader::new(bytes, "f.json");
    let mut found = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(draft)) => found.push((draft.place().index, draft.place().line, draft.node().clone())),
            Ok(None) => return Ok(found),
            Err(error) => {
                assert!(reader.next().unwrap().is_none(), "nothing comes after an error");
                return Err(error.to_string());
            }
        }
    }
}

fn ids(text: &str) -> Vec<(u64, u64, String)> {
    let id = |node: Node| match node.get("id") {
        Some(Node::Text(id)) => id.clone(),
        _ => panic!("no id"),
    };
    read(text).unwrap().into_iter().map(|(index, line, node)| (index, line, id(node))).collect()
}

#[test]
fn every_shape_of_a_file_gives_its_invoices() {
    let two = [(0, 1, "a".to_owned()), (1, 1, "b".to_owned())];
    assert_eq!(ids(r#"{"invoices":[{"id":"a"},{"id":"b"}]}"#), two);
    assert_eq!(ids(r#" [ {"id":"a"} , {"id":"b"} ] "#), two);
    assert_eq!(ids(r#"{"id":"a"}{"id":"b"}"#), two);
    assert_eq!(ids("\u{feff}{\"id\":\"a\",\"items\":[]}"), two[..1]);
    assert_eq!(ids(r#"{"invoices":[]}"#), []);
    assert_eq!(ids("[]"), []);
    assert_eq!(ids(" \n"), []);
}

#[test]
fn an_invoice_knows_its_line() {
    let text = "{\n \"invoices\": [\n  {\"id\":\n \"a\"},\n\n  {\"id\": \"b\"}\n ]\n}\n";
    assert_eq!(ids(text), [(0, 3, "a".into()), (1, 6, "b".into())]);
}

#[test]
fn brackets_and_quotation_marks_in_texts_end_nothing() {
    let text = r#"[{"id":"]}\"{[", "x":"\\"},{"id":"b"}]"#;
    assert_eq!(ids(text)[0].2, "]}\"{[");
    assert_eq!(ids(text).len(), 2);
}

#[test]
fn what_is_no_file_of_invoices_is_an_error_with_its_line() {
    for (text, expected) in [
        ("7", "line 1: expected a list of invoices"),
        ("[\n{\"id\":\n01}]", "line 3: this is not well-formed"),
        ("[{\"id\":1}\n{}]", "line 2: expected a comma"),
        ("[{},]", "expected a value"),
        ("{\"version\":1,\"invoices\":[]}", "no other field"),
        ("{\"invoices\":[],\"x\":1}", "no other field"),
        ("[{\"id\":\"a\"", "the file ends in the middle"),
        ("{\"id\" 1}", "expected a colon"),
        ("{\"invoices\":{\"id\":\"a\"}}", "f.json, line 1: `invoices` must be a list"),
        ("{\"invoices\": null}", "`invoices` must be a list"),
        ("{id: 1}", "expected the name of a field"),
        ("{\"id\":\"a\"} x", "expected a list of invoices"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_fault_in_an_invoice_has_one_position_that_in_the_file() {
    let mut reader = JsonReader::new(&b"[\n{\"id\":\n01}]"[..], "f.json");
    let error = reader.next().unwrap_err();
    assert_eq!(error.to_string(), "f.json, line 3: this is not well-formed: invalid number");
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn text_that_is_not_utf_8_is_an_error_with_its_line() {
    let error = read_bytes(b"[{\"id\":\n\"Stra\xdfe\"}]").unwrap_err();
    assert_eq!(error, "f.json, line 2: this is not UTF-8 text; save the file as UTF-8");
}

#[test]
fn an_endless_or_bottomless_invoice_is_refused() {
    let deep = format!("[{}", "[".repeat(100));
    assert!(read(&deep).unwrap_err().contains("deeper than 32 levels"));
    let long = format!("[{{\"id\":\"{}\"}}]", "x".repeat(9 << 20));
    assert!(read(&long).unwrap_err().contains("longer than 8 MiB"));
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let one = br#"{"id":"a","items":[{"x":"y"}]},"#;
    let file = std::io::Read::chain(&b"["[..], std::io::Read::chain(Repeat { one, left: 20_000, at: 0 }, &b"{}]"[..]));
    let mut reader = JsonReader::new(file, "f.json");
    let mut count = 0;
    while reader.next().unwrap().is_some() {
        count += 1;
        assert!(reader.source.record_capacity() <= 4096);
    }
    assert_eq!(count, 20_001);
}

struct Repeat {
    one: &'static [u8],
    left: usize,
    at: usize,
}

impl Read for Repeat {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let count = into.len().min(self.one.len() - self.at);
        into[..count].copy_from_slice(&self.one[self.at..self.at + count]);
        self.at += count;
        if self.at == self.one.len() {
            (self.at, self.left) = (0, self.left - 1);
        }
        Ok(count)
    }
}
