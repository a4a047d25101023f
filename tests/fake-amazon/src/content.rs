//! What a report's document holds: from text, from bytes or from a file.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use encoding_rs::Encoding;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

/// Why a content that was asked for cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// None or several of `text`, `base64` and `file` were given.
    #[error("give exactly one of `text`, `base64` and `file`")]
    NotOneSource,
    /// The `base64` is none.
    #[error("`base64` cannot be decoded")]
    Base64(#[source] base64::DecodeError),
    /// A text is to be written in an encoding that is not known.
    #[error("`{0}` is not a known charset")]
    UnknownCharset(String),
    /// A text has a character that its encoding cannot express.
    #[error("the text has characters that {0} cannot express")]
    Unencodable(String),
    /// The file is not there or cannot be read.
    #[error("the file {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// How a document is stored behind its URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// As gzip, and getReportDocument says `compressionAlgorithm: GZIP`.
    #[default]
    Gzip,
    /// As it is.
    None,
}

/// The content of a document, as a scenario or an admin call gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Content {
    /// The text itself; it is written in `charset` (UTF-8 if there is none).
    pub text: Option<String>,
    /// The bytes themselves, in base64.
    pub base64: Option<String>,
    /// A file, served as it is, in pieces; in a scenario a relative path starts at the scenario's folder.
    pub file: Option<PathBuf>,
    /// Declared in the document's `Content-Type`, in Amazon's or any other spelling; none declares nothing.
    pub charset: Option<String>,
    /// Gzip if not given. Bytes that are gzip already are not compressed again.
    pub compression: Compression,
}

impl Content {
    /// A text in UTF-8 that declares so.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), charset: Some("UTF-8".to_owned()), ..Self::default() }
    }

    /// Bytes with a declared charset, or none.
    pub fn bytes(bytes: &[u8], charset: Option<&str>) -> Self {
        Self { base64: Some(STANDARD.encode(bytes)), charset: charset.map(str::to_owned), ..Self::default() }
    }

    /// A file with a declared charset, or none.
    pub fn file(path: impl Into<PathBuf>, charset: Option<&str>) -> Self {
        Self { file: Some(path.into()), charset: charset.map(str::to_owned), ..Self::default() }
    }

    /// The same content, not compressed.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        Self { compression: Compression::None, ..self }
    }

    /// Makes a relative file relative to `folder`.
    pub(crate) fn resolve(&mut self, folder: &Path) {
        if let Some(file) = &mut self.file
            && file.is_relative()
        {
            *file = folder.join(&*file);
        }
    }

    /// The body that is served.
    pub(crate) fn body(&self) -> Result<DocumentBody, ContentError> {
        let gzip = self.compression == Compression::Gzip;
        let body = match (&self.text, &self.base64, &self.file) {
            (Some(text), None, None) => Body::Bytes(encode(text, self.charset.as_deref())?.into()),
            (None, Some(encoded), None) => {
                Body::Bytes(STANDARD.decode(encoded.trim()).map_err(ContentError::Base64)?.into())
            }
            (None, None, Some(path)) => Body::File { path: path.clone(), compress: gzip && !file_is_gzip(path)? },
            _ => return Err(ContentError::NotOneSource),
        };
        let body = match body {
            Body::Bytes(bytes) if gzip && !is_gzip(&bytes) => Body::Bytes(gzipped(&bytes).into()),
            body @ (Body::Bytes(_) | Body::File { .. }) => body,
        };
        Ok(DocumentBody { body, charset: self.charset.clone(), gzip })
    }

    /// The whole content as it is before compression, for contents that the server has to read itself.
    pub(crate) fn plain_bytes(&self) -> Result<Bytes, ContentError> {
        match self.clone().uncompressed().body()?.body {
            Body::Bytes(bytes) => Ok(bytes),
            Body::File { path, .. } => match std::fs::read(&path) {
                Ok(bytes) => Ok(bytes.into()),
                Err(source) => Err(ContentError::File { path, source }),
            },
        }
    }
}

/// A document that is ready to be served.
#[derive(Clone, Debug)]
pub(crate) struct DocumentBody {
    pub(crate) body: Body,
    pub(crate) charset: Option<String>,
    pub(crate) gzip: bool,
}

/// Where a document's bytes are.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Bytes(Bytes),
    File { path: PathBuf, compress: bool },
}

/// Looks up a charset by any of its labels, Java's `Cp1252` among them.
pub(crate) fn charset_encoding(label: &str) -> Option<&'static Encoding> {
    let lower = label.to_ascii_lowercase();
    let label = lower.strip_prefix("cp125").map_or_else(|| lower.clone(), |page| format!("windows-125{page}"));
    Encoding::for_label(label.as_bytes())
}

fn encode(text: &str, charset: Option<&str>) -> Result<Vec<u8>, ContentError> {
    let Some(charset) = charset else { return Ok(text.as_bytes().to_vec()) };
    let encoding = charset_encoding(charset).ok_or_else(|| ContentError::UnknownCharset(charset.to_owned()))?;
    let (bytes, _, unencodable) = encoding.encode(text);
    if unencodable {
        return Err(ContentError::Unencodable(charset.to_owned()));
    }
    Ok(bytes.into_owned())
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

fn file_is_gzip(path: &Path) -> Result<bool, ContentError> {
    let unreadable = |source| ContentError::File { path: path.to_owned(), source };
    let mut start = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(2).read_to_end(&mut start).map_err(unreadable)?;
    Ok(is_gzip(&start))
}

/// The bytes as one gzip member.
pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    // Writing into memory does not fail; were it to, the document would be short and the client would say so.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(content: &Content) -> Vec<u8> {
        match content.body().unwrap().body {
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::File { .. } => panic!("the content is not a file"),
        }
    }

    #[test]
    fn a_text_is_written_in_its_charset() {
        for (charset, expected) in
            [("ISO-8859-1", &b"M\xfcnze"[..]), ("Cp1252", b"M\xfcnze"), ("UTF-8", "Münze".as_bytes())]
        {
            let content = Content { charset: Some(charset.to_owned()), ..Content::text("Münze") }.uncompressed();
            assert_eq!(served(&content), expected, "{charset}");
        }
    }

    #[test]
    fn a_character_outside_the_charset_is_refused() {
        let content = Content { charset: Some("ISO-8859-1".to_owned()), ..Content::text("注文") };
        assert!(matches!(content.body(), Err(ContentError::Unencodable(_))));
    }

    #[test]
    fn gzip_is_not_compressed_again() {
        let already = gzipped(b"rows");
        assert_eq!(served(&Content::bytes(&already, None)), already);
    }

    #[test]
    fn two_sources_are_refused() {
        let content = Content { base64: Some(String::new()), ..Content::text("") };
        assert!(matches!(content.body(), Err(ContentError::NotOneSource)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Content::file("not-here.txt", None).body().unwrap_err();
        assert!(error.to_string().contains("not-here.txt"), "{error}");
    }
}
