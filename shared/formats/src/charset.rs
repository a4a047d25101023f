//! The character set of a file: decided once, at the first line that is not ASCII, and kept.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// How many bytes from the first line that is not ASCII are looked at to decide.
pub(crate) const SAMPLE_BYTES: usize = 16 * 1024;

/// What was declared for the file, and what it was found to be.
#[derive(Debug)]
pub(crate) struct Charset {
    declared: Option<&'static Encoding>,
    decided: Option<&'static Encoding>,
}

/// A declaration that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BadLabel {
    /// No character set has this name.
    Unknown,
    /// A character set in which a byte below 128 may be another sign, such as UTF-16.
    NotAscii(&'static str),
}

/// How a line was decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// As declared, or nothing was declared.
    Fits,
    /// The declared character set is another one than the text is in.
    Wrong(&'static str),
    /// No character set fits.
    None,
}

impl Charset {
    /// The charset of a Content-Type, or its whole value.
    pub(crate) fn parse_label(label: &str) -> Result<&'static Encoding, BadLabel> {
        let label = label.rsplit_once("charset=").map_or(label, |(_, charset)| charset);
        let label = label.split(';').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        // Windows' own name of Shift_JIS, and Java's names, are not among the labels of the web.
        let label = match label.to_ascii_lowercase().as_str() {
            "cp932" | "ms932" | "windows-932" => "shift_jis",
            "cp1252" | "iso8859_1" | "iso8859_15" => "windows-1252",
            "utf8" => "utf-8",
            _ => label,
        };
        match Encoding::for_label(label.as_bytes()) {
            None => Err(BadLabel::Unknown),
            Some(encoding) if !encoding.is_ascii_compatible() => Err(BadLabel::NotAscii(encoding.name())),
            Some(encoding) => Ok(encoding),
        }
    }

    pub(crate) fn new(declared: Option<&'static Encoding>) -> Self {
        Self { declared, decided: None }
    }

    /// Declares the charset, unless one is declared already.
    pub(crate) fn declare(&mut self, encoding: &'static Encoding) {
        self.declared = self.declared.or(Some(encoding));
    }

    /// The file begins with the byte order mark of UTF-8.
    pub(crate) fn decide_utf8(&mut self) {
        self.decided = Some(UTF_8);
    }

    pub(crate) fn decided(&self) -> Option<&'static Encoding> {
        self.decided
    }

    pub(crate) fn is_utf8(&self) -> bool {
        self.decided == Some(UTF_8)
    }

    /// The name for people; ASCII until another character is met.
    pub(crate) fn name(&self) -> &'static str {
        self.decided.map_or("ASCII", Encoding::name)
    }

    /// Decides by the first line that is not ASCII and the bytes that follow it.
    ///
    /// Text that is valid UTF-8 as far as the sample goes is UTF-8, whatever is declared: nearly every line is also
    /// valid in Windows-1252 and many are in Shift_JIS (as half-width kana), while other text is hardly ever valid
    /// UTF-8 by chance. Else the declared character set holds if the line is valid in it. Without a declaration
    /// that fits, strict UTF-8 comes first, then Shift_JIS if the detector says so, then Windows-1252.
    pub(crate) fn decide(&mut self, line: &[u8], sample: &[u8]) -> Decision {
        let candidates = [
            Some(UTF_8).filter(|_| looks_like_utf8(sample)),
            self.declared.filter(|declared| *declared != WINDOWS_1252),
            Some(UTF_8),
            self.declared,
            Some(SHIFT_JIS).filter(|_| looks_like_shift_jis(sample)),
            Some(WINDOWS_1252),
        ];
        self.decided = candidates.into_iter().flatten().find(|encoding| is_valid(encoding, line));
        match (self.decided, self.declared) {
            (None, _) => Decision::None,
            (Some(decided), Some(declared)) if decided != declared => Decision::Wrong(declared.name()),
            (Some(_), _) => Decision::Fits,
        }
    }

    /// Whether a line is of another character set than the file: UTF-8 within Windows-1252.
    ///
    /// Windows-1252 accepts nearly every byte, so that such a line would become garbage and not an error.
    pub(crate) fn is_mixture(&self, line: &[u8]) -> bool {
        self.decided == Some(WINDOWS_1252) && std::str::from_utf8(line).is_ok()
    }
}

/// Whether the sample is UTF-8; its last character may be cut.
fn looks_like_utf8(sample: &[u8]) -> bool {
    match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

fn looks_like_shift_jis(sample: &[u8]) -> bool {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, false);
    detector.guess(None, Utf8Detection::Deny) == SHIFT_JIS
}

fn is_valid(encoding: &'static Encoding, line: &[u8]) -> bool {
    let mut scratch = String::new();
    decode(encoding, line, &mut scratch)
}

/// Decodes a line into `text`; false where the line is not valid in this character set.
pub(crate) fn decode(encoding: &'static Encoding, line: &[u8], text: &mut String) -> bool {
    text.clear();
    // Windows leaves five bytes undefined; the web's table turns them into control characters.
    if encoding == WINDOWS_1252 && line.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
        return false;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let Some(needed) = decoder.max_utf8_buffer_length_without_replacement(line.len()) else { return false };
    text.reserve(needed);
    let (result, _read) = decoder.decode_to_string_without_replacement(line, text, true);
    result == DecoderResult::InputEmpty
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(declared: Option<&str>, line: &[u8]) -> (Decision, &'static str) {
        let mut charset = Charset::new(declared.map(|label| Charset::parse_label(label).unwrap()));
        let decision = charset.decide(line, line);
        (decision, charset.name())
    }

    #[test]
    fn labels_of_content_types_are_understood() {
        let name = |label| Charset::parse_label(label).map(Encoding::name);
        assert_eq!(name("text/tab-separated-values; charset=ISO-8859-1"), Ok("windows-1252"));
        assert_eq!(name("text/plain;charset=\"Shift_JIS\"; x=y"), Ok("Shift_JIS"));
        assert_eq!(name("Cp932"), Ok("Shift_JIS"));
        assert_eq!(name("UTF-8"), Ok("UTF-8"));
        assert_eq!(name("UTF-16"), Err(BadLabel::NotAscii("UTF-16LE")));
        assert_eq!(name("martian"), Err(BadLabel::Unknown));
    }

    #[test]
    fn the_declared_charset_holds_where_the_text_is_valid_in_it() {
        let (shift_jis, _, _) = SHIFT_JIS.encode("東京の倉庫");
        assert_eq!(decided(Some("Shift_JIS"), &shift_jis), (Decision::Fits, "Shift_JIS"));
        assert_eq!(decided(Some("ISO-8859-1"), b"M\xfcller"), (Decision::Fits, "windows-1252"));
    }

    #[test]
    fn a_wrong_declaration_gives_way_to_what_fits() {
        assert_eq!(decided(Some("UTF-8"), b"M\xfcller"), (Decision::Wrong("UTF-8"), "windows-1252"));
        assert_eq!(decided(Some("ISO-8859-1"), "Müller".as_bytes()), (Decision::Wrong("windows-1252"), "UTF-8"));
        assert_eq!(decided(Some("Shift_JIS"), "Müller".as_bytes()), (Decision::Wrong("Shift_JIS"), "UTF-8"));
    }

    #[test]
    fn without_a_declaration_utf8_then_shift_jis_then_windows_1252_is_found() {
        let (shift_jis, _, _) = SHIFT_JIS.encode("アマゾンの決済レポート、東京の倉庫から発送");
        assert_eq!(decided(None, "Müller".as_bytes()), (Decision::Fits, "UTF-8"));
        assert_eq!(decided(None, &shift_jis), (Decision::Fits, "Shift_JIS"));
        assert_eq!(decided(None, b"M\xfcller \x80"), (Decision::Fits, "windows-1252"));
    }
}
