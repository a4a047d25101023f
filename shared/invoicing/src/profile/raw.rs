//! The profile as it stands in the file, with the place of every value.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::suggest::nearest;
use super::{ProfileError, XRechnungSyntax, XRechnungWhen};

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfile {
    pub(super) seller: RawSeller,
    #[serde(default)]
    pub(super) vat_ids: BTreeMap<Text, Text>,
    #[serde(default)]
    pub(super) look: RawLook,
    #[serde(default)]
    pub(super) numbers: RawNumbers,
    #[serde(default)]
    pub(super) languages: BTreeMap<Text, Text>,
    /// `small_print`, `footer`, and a table for each language: checked by hand, because both stand side by side.
    #[serde(default)]
    pub(super) text: BTreeMap<Text, Spanned<RawText>>,
    pub(super) xrechnung: Option<Spanned<RawXRechnung>>,
    pub(super) fattura_pa: Option<RawFatturaPa>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSeller {
    pub(super) name: Text,
    pub(super) trading_name: Option<Text>,
    pub(super) street: Text,
    pub(super) street_2: Option<Text>,
    pub(super) postal_code: Text,
    pub(super) city: Text,
    pub(super) country: Text,
    pub(super) email: Option<Text>,
    pub(super) phone: Option<Text>,
    pub(super) web: Option<Text>,
    pub(super) register: Option<Text>,
    pub(super) directors: Option<Text>,
    pub(super) tax_number: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLook {
    pub(super) logo: Option<Text>,
    pub(super) logo_height_mm: Option<Spanned<u8>>,
    pub(super) color: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNumbers {
    pub(super) invoice: Option<Text>,
    pub(super) credit_note: Option<Text>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawText {
    Plain(String),
    Language(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawXRechnung {
    #[serde(default)]
    pub(super) when: XRechnungWhen,
    #[serde(default)]
    pub(super) syntax: XRechnungSyntax,
    #[serde(default)]
    pub(super) contact_name: String,
    #[serde(default)]
    pub(super) contact_phone: String,
    #[serde(default)]
    pub(super) contact_email: String,
    #[serde(default)]
    pub(super) electronic_address: String,
    pub(super) electronic_address_scheme: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFatturaPa {
    pub(super) regime: Text,
    #[serde(default)]
    pub(super) codice_fiscale: String,
    pub(super) street: Text,
    pub(super) postal_code: Text,
    pub(super) city: Text,
    pub(super) province: Text,
    pub(super) rea_office: Option<Text>,
    pub(super) rea_number: Option<Text>,
    #[serde(default)]
    pub(super) in_liquidation: bool,
}

/// The parts of names that a bank account goes by.
const BANK: [&str; 8] = ["iban", "bank", "bic", "swift", "account", "konto", "sort_code", "payment"];

/// Reads the TOML; every error says the line and the field.
pub(super) fn parse(file: &str, text: &str) -> Result<RawProfile, ProfileError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let message = error.message();
        ProfileError {
            file: file.to_owned(),
            line: Some(line_at(text, start)),
            field: field_at(text, start, message),
            problem: explain(message),
        }
    })
}

/// The line of a byte, from 1.
pub(super) fn line_at(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

/// The words between the first two back quotes: the names that serde speaks of.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// The table that the line stands in and the key on it.
fn field_at(text: &str, byte: usize, message: &str) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let tables = text.get(..line_start.saturating_add(line.len())).unwrap_or(text).lines().rev();
    let table = tables.map(str::trim).find_map(|line| line.strip_prefix('[')?.split(']').next()).unwrap_or_default();
    let key = match line.split_once('=') {
        Some((key, _)) if !line.trim_start().starts_with('[') => key.trim(),
        _ if message.starts_with("missing field") => quoted(message).next().unwrap_or_default(),
        _ => "",
    };
    [table, key].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

/// What the parser says, in words for the person who writes the profile.
fn explain(message: &str) -> String {
    let mut names = quoted(message);
    let name = names.next().unwrap_or_default();
    if message.starts_with("missing field") {
        return format!("`{name}` is missing; add it to this section");
    }
    if message.starts_with("unknown field") {
        let lower = name.to_ascii_lowercase();
        if BANK.iter().any(|bank| lower.contains(bank)) {
            return format!(
                "`{name}` has no place on a marketplace invoice: buyers pay through Amazon, and an invoice with a \
                 bank account is refused; take it out"
            );
        }
        let known: Vec<&str> = names.collect();
        return match nearest(name, known.iter().copied()) {
            Some(meant) => format!("`{name}` is not known; perhaps `{meant}` is meant"),
            None => format!("`{name}` is not known here; known are {}", known.join(", ")),
        };
    }
    if message.starts_with("unknown variant") {
        let known: Vec<&str> = names.collect();
        return format!("\"{name}\" is not one of the choices: write {}", known.join(" or "));
    }
    message.replace('\n', " ")
}
