//! What Amazon said when it refused, made safe to show.

use std::fmt;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;

/// The most that is kept of a text from outside.
const LONGEST_TEXT: usize = 300;
/// The most errors of one answer that are kept.
pub(crate) const MOST_PROBLEMS: usize = 100;

/// A refusal in Amazon's words: status, code, message and the request id that Amazon's support asks for. The body
/// beyond these is not kept, and texts that look like tokens or signed addresses are cut out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Amazon's code, an opaque text such as `InvalidInput`.
    pub code: Option<String>,
    /// Amazon's message, with the details where there are any.
    pub message: Option<String>,
    /// The request id.
    pub request_id: Option<String>,
    /// Every error that Amazon names, the first one too: a refused invoice may have many.
    pub problems: Vec<Problem>,
}

/// One error as Amazon names it, made safe to show: short lines, no tokens, no signed addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problem {
    /// Amazon's code, an opaque text such as `InvalidInput`; may be empty.
    pub code: String,
    /// Amazon's message; may be empty.
    pub message: String,
    /// What Amazon adds.
    pub details: Option<String>,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Envelope {
    errors: Vec<RawProblem>,
}

/// An error as it comes.
#[derive(Debug, Deserialize)]
pub(crate) struct RawProblem {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    details: Option<String>,
}

impl From<&RawProblem> for Problem {
    fn from(raw: &RawProblem) -> Self {
        let shown = |each: &Option<String>| each.as_deref().and_then(text);
        Self {
            code: shown(&raw.code).unwrap_or_default(),
            message: shown(&raw.message).unwrap_or_default(),
            details: shown(&raw.details),
        }
    }
}

/// The error of the token service, which has a shape of its own.
#[derive(Deserialize)]
struct TokenProblem {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Answer {
    /// Reads a refusal of the Selling Partner API. The body may be HTML, XML or empty.
    pub(crate) fn of_api(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let raw = serde_json::from_slice::<Envelope>(body).map(|each| each.errors).unwrap_or_default();
        let problems: Vec<Problem> = raw.iter().take(MOST_PROBLEMS).map(Problem::from).collect();
        let (code, message) = match problems.first() {
            Some(first) => (text(&first.code), text(&joined(&first.message, first.details.as_deref()))),
            None => (header(headers, "x-amzn-errortype"), None),
        };
        Self { status: status.as_u16(), code, message, request_id: request_id(headers), problems }
    }

    /// Reads a refusal of the token service.
    pub(crate) fn of_tokens(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let problem = serde_json::from_slice::<TokenProblem>(body).ok();
        let (code, message) = problem.map_or((None, None), |each| (text(&each.error), text(&each.error_description)));
        Self { status: status.as_u16(), code, message, request_id: request_id(headers), problems: Vec::new() }
    }

    /// Reads a refusal of the store of documents, which answers in XML.
    pub(crate) fn of_documents(status: StatusCode, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let inside = |name: &str| {
            let (_, rest) = body.split_once(&format!("<{name}>"))?;
            rest.split_once(&format!("</{name}>")).and_then(|(inside, _)| text(inside))
        };
        Self {
            status: status.as_u16(),
            code: inside("Code"),
            message: inside("Message"),
            request_id: inside("RequestId"),
            problems: Vec::new(),
        }
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    header(headers, "x-amzn-requestid")
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().and_then(text)
}

fn joined(message: &str, details: Option<&str>) -> String {
    match details.map(str::trim) {
        Some(details) if !details.is_empty() && details != message => format!("{message} {details}"),
        _ => message.to_owned(),
    }
}

/// A text from outside as it may be shown: one line, not long, without tokens or signed addresses.
fn text(raw: &str) -> Option<String> {
    let words = raw.split(|sign: char| sign.is_whitespace() || sign.is_control()).filter(|word| !word.is_empty());
    let shown: Vec<&str> = words.map(|word| if is_secret(word) { "[cut out]" } else { word }).collect();
    let shown: String = shown.join(" ").chars().take(LONGEST_TEXT).collect();
    (!shown.is_empty()).then_some(shown)
}

fn is_secret(word: &str) -> bool {
    ["Atza|", "Atzr|", "Atc|", "Atz.sprdt|", "amzn1.oa2-cs."].iter().any(|mark| word.contains(mark))
        || word.to_ascii_lowercase().contains("x-amz-")
        || word.contains("Signature=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(body: &str) -> Answer {
        Answer::of_api(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn the_envelope_is_read_with_and_without_details() {
        let with = api(r#"{"errors":[{"code":"InvalidInput","message":"No.","details":"Really."}]}"#);
        assert_eq!(with.to_string(), "400 InvalidInput: No. Really.");
        let without = api(r#"{"errors":[{"message":"You exceeded your quota.","code":"QuotaExceeded"}]}"#);
        assert_eq!(without.to_string(), "400 QuotaExceeded: You exceeded your quota.");
        assert_eq!(api(r#"{"errors":[{"code":"400","message":"x","details":""}]}"#).to_string(), "400 400: x");
    }

    #[test]
    fn every_error_of_a_refusal_is_kept() {
        let told =
            api(r#"{"errors":[{"code":"InvalidInput","message":"No.","details":""},{"message":"x at Atza|1"}]}"#);
        let problem = |code: &str, message: &str| Problem { code: code.into(), message: message.into(), details: None };
        assert_eq!(told.problems, [problem("InvalidInput", "No."), problem("", "x at [cut out]")]);
    }

    #[test]
    fn a_body_that_is_html_empty_or_of_another_shape_is_not_shown() {
        for body in ["<html><body>Bad Request, dear Ms Doe</body></html>", "", "{}", "[1]", r#"{"errors":[]}"#] {
            assert_eq!(api(body).to_string(), "400", "{body}");
        }
    }

    #[test]
    fn the_error_type_stands_in_for_a_missing_code_and_the_request_id_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-ErrorType", "TooManyRequestsException".parse().unwrap());
        headers.insert("x-amzn-RequestId", "63f6".parse().unwrap());
        let answer = Answer::of_api(StatusCode::TOO_MANY_REQUESTS, &headers, b"<html>");
        assert_eq!(answer.to_string(), "429 TooManyRequestsException (request 63f6)");
    }

    #[test]
    fn tokens_and_signed_addresses_are_cut_out_of_messages() {
        let told = api(
            r#"{"errors":[{"code":"Unauthorized","message":"Token Atza|abc or 'Atz.sprdt|x' at https://b/?X-Amz-Signature=1 bad"}]}"#,
        );
        assert_eq!(told.message.unwrap(), "Token [cut out] or [cut out] at [cut out] bad");
    }

    #[test]
    fn a_long_message_with_line_ends_becomes_one_short_line() {
        let told = api(&format!(r#"{{"errors":[{{"code":"c","message":"a\nb {}"}}]}}"#, "ü".repeat(900)));
        let message = told.message.unwrap();
        assert!(message.starts_with("a b ü"));
        assert_eq!(message.chars().count(), LONGEST_TEXT);
    }

    #[test]
    fn the_store_of_documents_is_understood_in_xml() {
        let body =
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
        assert_eq!(
            Answer::of_documents(StatusCode::FORBIDDEN, body).to_string(),
            "403 AccessDenied: Request has expired"
        );
    }
}
