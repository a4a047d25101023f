//! The words on a document: `labels.toml` and `countries.toml`, with what a seller's profile sets anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// The words of one language. What they are for is told by their English texts in `labels.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each word is its own explanation; labels.toml has the texts")]
pub struct Labels {
    pub invoice: String,
    pub credit_note: String,
    pub corrected_invoice: String,
    pub to_invoice: String,
    pub to_invoice_of: String,
    pub replaces_invoice: String,
    pub invoice_number: String,
    pub credit_note_number: String,
    pub issue_date: String,
    pub supply_date: String,
    pub refund_date: String,
    pub order_number: String,
    pub order_date: String,
    pub purchase_order: String,
    pub buyer_vat_id: String,
    pub buyer_tax_id: String,
    pub seller_vat_id: String,
    pub tax_number: String,
    pub delivered_to: String,
    pub shipped_from: String,
    pub position: String,
    pub description: String,
    pub quantity: String,
    pub unit_price: String,
    pub net: String,
    pub vat_rate: String,
    pub vat: String,
    pub gross: String,
    pub amounts_in: String,
    pub gift_wrap: String,
    pub shipping: String,
    pub item_promotion: String,
    pub gift_wrap_promotion: String,
    pub shipping_promotion: String,
    pub vat_on: String,
    pub net_total: String,
    pub total: String,
    pub total_credit: String,
    pub paid: String,
    pub refunded: String,
    pub nothing_due: String,
    pub intra_community: String,
    pub reverse_charge: String,
    pub export: String,
    pub not_subject: String,
    pub one_stop_shop: String,
    pub duplicate: String,
    pub page: String,
}

/// The files do not fit the program; a test sees to it that this does not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct LabelError {
    /// Which file.
    pub file: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

type Translations = BTreeMap<Language, String>;

/// All words in all languages.
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    words: BTreeMap<String, Translations>,
    labels: BTreeMap<Language, Labels>,
    countries: BTreeMap<String, Translations>,
}

impl Vocabulary {
    /// Reads the files, which are part of the program.
    pub(crate) fn load() -> Result<Self, LabelError> {
        let words: BTreeMap<String, Translations> = read("labels.toml", include_str!("../labels.toml"))?;
        let countries = read("countries.toml", include_str!("../countries.toml"))?;
        let mut labels = BTreeMap::new();
        for language in Language::ALL {
            labels.insert(language, assemble(&words, language, &BTreeMap::new())?);
        }
        Ok(Self { words, labels, countries })
    }

    /// The words of a language, some of them set anew.
    pub(crate) fn labels(
        &self,
        language: Language,
        own: Option<&BTreeMap<String, String>>,
    ) -> Result<Labels, LabelError> {
        match (own, self.labels.get(&language)) {
            (None, Some(labels)) => Ok(labels.clone()),
            (own, _) => assemble(&self.words, language, own.unwrap_or(&BTreeMap::new())),
        }
    }

    /// The names of all words, as a profile may set them anew.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    /// The country in an address, or its code where the name is not known.
    pub(crate) fn country<'a>(&'a self, code: &'a str, language: Language) -> &'a str {
        self.countries.get(code).and_then(|names| names.get(&language)).map_or(code, String::as_str)
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, LabelError> {
    toml::from_str(text).map_err(|error| LabelError { file, problem: error.to_string() })
}

fn assemble(
    words: &BTreeMap<String, Translations>,
    language: Language,
    own: &BTreeMap<String, String>,
) -> Result<Labels, LabelError> {
    let mut table = toml::Table::new();
    for (name, translations) in words {
        if let Some(text) = own.get(name).or_else(|| translations.get(&language)) {
            table.insert(name.clone(), toml::Value::String(text.clone()));
        }
    }
    table
        .try_into()
        .map_err(|error| LabelError { file: "labels.toml", problem: format!("{}: {error}", language.code()) })
}

/// Fills `{name}` in a text.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_every_language() {
        let vocabulary = Vocabulary::load().unwrap();
        for (name, translations) in vocabulary.words.iter().chain(&vocabulary.countries) {
            assert_eq!(translations.len(), Language::ALL.len(), "{name}");
            assert!(translations.values().all(|text| !text.trim().is_empty()), "{name}");
        }
    }

    #[test]
    fn translations_have_the_same_places_to_fill() {
        let vocabulary = Vocabulary::load().unwrap();
        let places = |text: &str| {
            let mut names: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
            names.sort_unstable();
            names.join(" ")
        };
        for (name, translations) in &vocabulary.words {
            for text in translations.values() {
                assert_eq!(places(text), places(&translations[&Language::En]), "{name}: {text}");
            }
        }
    }

    #[test]
    fn a_profile_sets_a_word_anew() {
        let vocabulary = Vocabulary::load().unwrap();
        let own = BTreeMap::from([("credit_note".to_owned(), "Stornorechnung".to_owned())]);
        let labels = vocabulary.labels(Language::De, Some(&own)).unwrap();
        assert_eq!((labels.credit_note.as_str(), labels.invoice.as_str()), ("Stornorechnung", "Rechnung"));
    }

    #[test]
    fn an_unknown_country_is_written_with_its_code() {
        let vocabulary = Vocabulary::load().unwrap();
        assert_eq!(vocabulary.country("FR", Language::De), "Frankreich");
        assert_eq!(vocabulary.country("ZW", Language::De), "ZW");
    }
}
