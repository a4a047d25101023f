//! Credentials on their way in: asked for without being shown, or read from a file or standard input. Never arguments:
//! those stand in the shell's history and in the list of processes.

use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read, Write as _};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// More than any credentials are; what is larger is another file.
const LARGEST_BYTES: u64 = 64 * 1024;

/// What is wrong with what was given. Nothing of it is repeated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The source.
    #[error("{source_name} cannot be read")]
    Unreadable {
        /// Standard input, or the file.
        source_name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Too much for credentials.
    #[error("{source_name} holds more than credentials: {LARGEST_BYTES} bytes at most")]
    TooLarge {
        /// Standard input, or the file.
        source_name: String,
    },
    /// Neither JSON nor lines.
    #[error(
        "{source_name} cannot be understood{place}: expected JSON such as {{\"client_id\": …, \"client_secret\": …, \
         \"refresh_token\": …}}, or one NAME=VALUE in each line, and no other names"
    )]
    Shape {
        /// Standard input, or the file.
        source_name: String,
        /// Which line.
        place: String,
    },
    /// A value with blanks or signs that no credential has.
    #[error("the {0} has a blank or another sign that none has; was it copied whole?")]
    Value(&'static str),
    /// The terminal does not answer.
    #[error("the terminal cannot be asked")]
    Terminal(#[source] io::Error),
}

/// What was given at once.
#[derive(Debug, Default)]
pub(super) struct Given {
    client_id: Option<SecretString>,
    client_secret: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

/// Where credentials come from.
#[derive(Debug)]
pub(super) enum Source {
    /// A person, who is asked for each when it is needed.
    Person,
    /// Everything that there is.
    Given(Given),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    client_secret: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
}

impl Source {
    /// `-` is standard input, anything else a file. Where nothing is said, a person is asked if there is one; if not,
    /// standard input is read, which may be empty.
    pub(super) fn open(from: Option<&str>) -> Result<Self, InputError> {
        match from {
            Some(path) if path != "-" => {
                let unreadable = |source| InputError::Unreadable { source_name: path.to_owned(), source };
                read(path, File::open(path).map_err(unreadable)?).map(Self::Given)
            }
            None if io::stdin().is_terminal() => Ok(Self::Person),
            Some(_) | None => read("standard input", io::stdin().lock()).map(Self::Given),
        }
    }

    /// No credentials: those that are stored.
    pub(super) fn none() -> Self {
        Self::Given(Given::default())
    }

    /// Whether a person is there to be asked.
    pub(super) const fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }

    /// The application's identifier.
    pub(super) fn client_id(&self) -> Result<Option<SecretString>, InputError> {
        self.secret("client id", |given| given.client_id.as_ref(), "Client id (amzn1.application-oa2-client.…)")
    }

    /// The application's secret.
    pub(super) fn client_secret(&self) -> Result<Option<SecretString>, InputError> {
        self.secret("client secret", |given| given.client_secret.as_ref(), "Client secret")
    }

    /// An account's authorisation. `is_stored` says to a person that there is one already.
    pub(super) fn refresh_token(&self, is_stored: bool) -> Result<Option<SecretString>, InputError> {
        let prompt =
            if is_stored { "Refresh token (Enter keeps the one that is stored)" } else { "Refresh token (Atzr|…)" };
        self.secret("refresh token", |given| given.refresh_token.as_ref(), prompt)
    }

    fn secret(
        &self,
        name: &'static str,
        of: impl Fn(&Given) -> Option<&SecretString>,
        prompt: &str,
    ) -> Result<Option<SecretString>, InputError> {
        let found = match self {
            Self::Given(given) => of(given).cloned(),
            Self::Person => {
                let typed =
                    rpassword::prompt_password(format!("{prompt}, not shown: ")).map_err(InputError::Terminal)?;
                Some(SecretString::from(typed))
            }
        };
        let found = found.map(trimmed).filter(|text| !text.expose_secret().is_empty());
        match found {
            Some(text) if !text.expose_secret().bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(InputError::Value(name))
            }
            found => Ok(found),
        }
    }

    /// Asks a person for something that is no secret; nobody is asked where nobody is.
    pub(super) fn ask(&self, prompt: &str) -> Result<Option<String>, InputError> {
        if !self.is_person() {
            return Ok(None);
        }
        write!(io::stderr().lock(), "{prompt}: ").map_err(InputError::Terminal)?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map_err(InputError::Terminal)?;
        let line = line.trim();
        Ok((!line.is_empty()).then(|| line.to_owned()))
    }
}

fn trimmed(text: SecretString) -> SecretString {
    let short = text.expose_secret().trim();
    if short.len() == text.expose_secret().len() { text } else { SecretString::from(short.to_owned()) }
}

fn read(name: &str, from: impl Read) -> Result<Given, InputError> {
    let mut text = String::new();
    let unreadable = |source| InputError::Unreadable { source_name: name.to_owned(), source };
    from.take(LARGEST_BYTES.saturating_add(1)).read_to_string(&mut text).map_err(unreadable)?;
    let text = SecretString::from(text);
    let length = u64::try_from(text.expose_secret().len()).unwrap_or(u64::MAX);
    if length > LARGEST_BYTES {
        return Err(InputError::TooLarge { source_name: name.to_owned() });
    }
    parse(text.expose_secret()).map_err(|place| InputError::Shape { source_name: name.to_owned(), place })
}

/// Reads JSON or lines. The error is a place, for the parser's own message could show a part of a secret.
fn parse(text: &str) -> Result<Given, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        let json: Json = serde_json::from_str(text)
            .map_err(|error| format!(" at line {}, column {}", error.line(), error.column()))?;
        let secret = |text: Option<String>| text.map(SecretString::from);
        return Ok(Given {
            client_id: secret(json.client_id),
            client_secret: secret(json.client_secret),
            refresh_token: secret(json.refresh_token),
        });
    }
    let mut given = Given::default();
    for (number, line) in (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || format!(" at line {number}");
        let (name, value) = line.split_once('=').ok_or_else(wrong)?;
        let place = match name.trim() {
            "client_id" => &mut given.client_id,
            "client_secret" => &mut given.client_secret,
            "refresh_token" => &mut given.refresh_token,
            _ => return Err(wrong()),
        };
        *place = Some(SecretString::from(value.trim().to_owned()));
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(given: &Given) -> [Option<&str>; 3] {
        [&given.client_id, &given.client_secret, &given.refresh_token]
            .map(|each| each.as_ref().map(ExposeSecret::expose_secret))
    }

    #[test]
    fn json_and_lines_say_the_same() {
        let expected = [Some("amzn1.app"), Some("geheim"), Some("Atzr|a=b")];
        let json = r#"{"client_id": "amzn1.app", "client_secret": "geheim", "refresh_token": "Atzr|a=b"}"#;
        assert_eq!(shown(&parse(json).unwrap()), expected);
        let lines = "\u{feff}client_id = amzn1.app\r\n\nclient_secret=geheim\nrefresh_token=Atzr|a=b\n";
        assert_eq!(shown(&parse(lines).unwrap()), expected);
        assert_eq!(shown(&parse(" \n").unwrap()), [None, None, None]);
    }

    #[test]
    fn what_cannot_be_understood_is_named_by_its_place_and_never_shown() {
        for text in ["geheim", "{\"client_secret\": 7, \"x\": \"geheim\"}", "{\"geheim\": \"geheim\"}", "geheim=geheim"]
        {
            let error = read("standard input", text.as_bytes()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("line 1") && !shown.contains("geheim"), "{shown}");
        }
        let large = "x".repeat(70_000);
        assert!(matches!(read("f", large.as_bytes()), Err(InputError::TooLarge { .. })));
    }

    #[test]
    fn a_credential_with_a_blank_inside_was_not_copied_whole() {
        let source = Source::Given(parse("refresh_token=Atzr|geheim geheim").unwrap());
        let error = source.refresh_token(false).unwrap_err().to_string();
        assert!(error.contains("refresh token") && !error.contains("geheim"), "{error}");
        let empty = Source::Given(parse("refresh_token=").unwrap());
        assert!(empty.refresh_token(false).unwrap().is_none());
    }
}
