//! Additional details: the text of the Polish split payment.

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{AdditionalDetailType, AdditionalDetails};
use crate::nearest::nearest;
use crate::note::shown;
use crate::region::Region;
use crate::rule::Rule;

/// The text as Amazon writes it.
const SPLIT_PAYMENT: &str = "mechanizm podzielonej płatności";

/// What it is called in English.
const IN_ENGLISH: &str = "split payment";

/// Polish.
const POLISH: &str = "PL";

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    if case.region != Region::Europe {
        return;
    }
    for (index, detail) in case.invoice.additional_details.iter().enumerate() {
        form.within(format_args!("additionalDetails/{index}"), |form| one(case.api, detail, form));
    }
}

/// A detail that is meant for the split payment is written exactly as Amazon asks for it. Other details of type SUR
/// are the vendor's own affair.
fn one(api: Api, details: &AdditionalDetails, form: &mut Form) {
    let Some(text) = &details.detail else { return };
    let language = details.language_code.as_deref();
    let polish = language.is_some_and(|code| code.eq_ignore_ascii_case(POLISH));
    let sur = details.kind == Some(AdditionalDetailType::Sur);
    let in_english = polish && sur && folded(text) == IN_ENGLISH;
    if !(is_meant(text) || in_english) {
        return;
    }
    if text != SPLIT_PAYMENT {
        form.violation_of("detail", Rule::PolishSplitPayment, format!("exactly \"{SPLIT_PAYMENT}\""), shown(text));
    }
    if let Some(kind) = details.kind.filter(|_| !sur) {
        let expected = "SUR, with the text of the split payment";
        form.violation_of("type", Rule::PolishSplitPayment, expected, kind.name(api).unwrap_or_default());
    }
    if language != Some(POLISH) {
        let found = language.map_or("nothing".to_owned(), shown);
        form.violation_of("languageCode", Rule::PolishSplitPayment, POLISH, found);
    }
}

/// Whether the text is the one of the split payment, but for case, marks, slips of the pen, or words around it.
fn is_meant(text: &str) -> bool {
    let (text, wanted) = (folded(text), folded(SPLIT_PAYMENT));
    text.contains(&wanted) || nearest(&text, [wanted.as_str()]).is_some()
}

/// Small letters without Polish marks, with one space between words.
fn folded(text: &str) -> String {
    let plain = |c: char| match c {
        'ą' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ó' => 'o',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        other => other,
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().flat_map(char::to_lowercase).map(plain).collect()
}
