//! The metadata by which a program finds the XML invoice in a PDF: four properties of Factur-X, and the description of
//! them that PDF/A asks for. The PDF writer cannot write them, so they are put into the finished file.
//!
//! The writer ends a file with the metadata as plain text, the catalogue, a classic table of offsets and its own place;
//! so what is put in moves only what comes after it, and the table is corrected by as much.

use std::ops::Range;

use crate::error::RenderError;

/// The properties.
const PROPERTIES: &str = include_str!("../templates/factur-x-properties.xmp");
/// The schema that describes them, as the info package of Factur-X 1.0 has it.
const SCHEMA: &str = include_str!("../templates/factur-x-schema.xmp");

const METADATA: &[u8] = b"/Type/Metadata";
/// The end of the schemas that the writer describes already; the properties go behind it.
const END_OF_SCHEMAS: &[u8] = b"</rdf:Bag></pdfaExtension:schemas>";
/// An entry of the table of offsets: ten digits, a space, five digits, and the kind with the line's end.
const ENTRY: usize = 20;

/// The PDF with the metadata of Factur-X, profile EN 16931.
pub(crate) fn declare_factur_x(pdf: &[u8]) -> Result<Vec<u8>, RenderError> {
    insert(pdf).ok_or_else(|| RenderError::Template("the PDF is not laid out as expected".to_owned()))
}

fn insert(pdf: &[u8]) -> Option<Vec<u8>> {
    let metadata = rfind(pdf, METADATA, pdf.len())?;
    let object = rfind(pdf, b" obj", metadata)?;
    let length = number_after(pdf, b"/Length ", object)?;
    let place = find(pdf, END_OF_SCHEMAS, metadata)?;
    let added = SCHEMA.len().checked_add(PROPERTIES.len())?;
    let table = rfind(pdf, b"xref\n", rfind(pdf, b"startxref", pdf.len())?)?;
    if !(length.range.start < place && place < table) {
        return None;
    }
    let new_length = length.value.checked_add(added)?.to_string();
    let grown = new_length.len().checked_sub(length.range.len())?;
    let moved = |offset: usize| {
        let after_length = if offset > length.range.start { grown } else { 0 };
        let after_place = if offset > place { added } else { 0 };
        offset.checked_add(after_length)?.checked_add(after_place)
    };
    let mut out = Vec::with_capacity(pdf.len().checked_add(added)?.checked_add(16)?);
    out.extend_from_slice(pdf.get(..length.range.start)?);
    out.extend_from_slice(new_length.as_bytes());
    out.extend_from_slice(pdf.get(length.range.end..place)?);
    out.extend_from_slice(SCHEMA.as_bytes());
    out.extend_from_slice(END_OF_SCHEMAS);
    out.extend_from_slice(PROPERTIES.as_bytes());
    out.extend_from_slice(pdf.get(place.checked_add(END_OF_SCHEMAS.len())?..table)?);
    let entries = entries(pdf, table)?;
    out.extend_from_slice(pdf.get(table..entries.start)?);
    for entry in pdf.get(entries.clone())?.chunks_exact(ENTRY) {
        let (offset, rest) = entry.split_at_checked(10)?;
        let in_use = entry.get(17) == Some(&b'n');
        let offset: usize = std::str::from_utf8(offset).ok()?.parse().ok()?;
        let offset = if in_use { moved(offset)? } else { offset };
        out.extend_from_slice(format!("{offset:010}").as_bytes());
        out.extend_from_slice(rest);
    }
    let start = number_after(pdf, b"startxref\n", entries.end)?;
    out.extend_from_slice(pdf.get(entries.end..start.range.start)?);
    out.extend_from_slice(moved(start.value)?.to_string().as_bytes());
    out.extend_from_slice(pdf.get(start.range.end..)?);
    Some(out)
}

/// The bytes of the entries of the only section of the table.
fn entries(pdf: &[u8], table: usize) -> Option<Range<usize>> {
    let section = table.checked_add(b"xref\n".len())?;
    let count = number_after(pdf, b"0 ", section)?;
    (count.range.start == section.checked_add(2)?).then_some(())?;
    let start = count.range.end.checked_add(1)?;
    let end = start.checked_add(count.value.checked_mul(ENTRY)?)?;
    pdf.get(end..)?.starts_with(b"trailer").then_some(start..end)
}

struct Number {
    range: Range<usize>,
    value: usize,
}

/// The digits after a word, searched from a place on.
fn number_after(pdf: &[u8], word: &[u8], from: usize) -> Option<Number> {
    let start = find(pdf, word, from)?.checked_add(word.len())?;
    let digits = pdf.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let range = start..start.checked_add(digits)?;
    let value = std::str::from_utf8(pdf.get(range.clone())?).ok()?.parse().ok()?;
    Some(Number { range, value })
}

fn find(pdf: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let place = pdf.get(from..)?.windows(word.len()).position(|window| window == word)?;
    from.checked_add(place)
}

fn rfind(pdf: &[u8], word: &[u8], before: usize) -> Option<usize> {
    pdf.get(..before)?.windows(word.len()).rposition(|window| window == word)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// A file as the writer lays it out, with right offsets.
    fn file(packet: &str) -> Vec<u8> {
        let mut pdf = String::from("%PDF-1.7\n");
        let mut offsets = vec![0];
        let length = packet.len();
        for object in [
            "<<\n  /Type /Page\n>>".to_owned(),
            format!("<</Length {length}/Type/Metadata/Subtype/XML>>\nstream\n{packet}\nendstream"),
            "<<\n  /Type /Catalog\n>>".to_owned(),
        ] {
            offsets.push(pdf.len());
            write!(pdf, "{} 0 obj\n{object}\nendobj\n\n", offsets.len() - 1).unwrap();
        }
        let table = pdf.len();
        pdf += "xref\n0 4\n0000000000 65535 f\r\n";
        for offset in &offsets[1..] {
            write!(pdf, "{offset:010} 00000 n\r\n").unwrap();
        }
        write!(pdf, "trailer\n<<\n  /Size 4\n>>\nstartxref\n{table}\n%%EOF").unwrap();
        pdf.into_bytes()
    }

    #[test]
    fn objects_are_still_where_the_table_says() {
        let packet = format!("<x>{}</rdf:Bag></pdfaExtension:schemas></x>", "a".repeat(70));
        let pdf = declare_factur_x(&file(&packet)).unwrap();
        let text = String::from_utf8(pdf).unwrap();
        let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(text[start..].starts_with("xref\n0 4\n"));
        let entries: Vec<usize> =
            text[start..].lines().skip(3).take(3).map(|line| line[..10].parse().unwrap()).collect();
        for (index, offset) in entries.into_iter().enumerate() {
            assert!(text[offset..].starts_with(&format!("{} 0 obj", index + 1)), "object {}", index + 1);
        }
        let stream = text.split("stream\n").nth(1).unwrap().split("\nend").next().unwrap();
        assert!(text.contains(&format!("/Length {}/Type", stream.len())));
        assert!(stream.contains(">EN 16931</fx:ConformanceLevel>"));
    }

    #[test]
    fn another_layout_is_refused_not_damaged() {
        assert!(declare_factur_x(b"%PDF-1.7\n%%EOF").is_err());
        assert!(declare_factur_x(&file("<x></x>")).is_err());
    }
}
