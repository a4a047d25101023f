//! Additional details: the text of the Polish split payment.

use super::Case;
use crate::api::Api;
use crate::form::Form;
use crate::model::{AdditionalDetailType, AdditionalDetails};
use crate::note::shown;
use crate::region::Region;
use crate::rule::Rule;

/// The text as Amazon writes it.
const SPLIT_PAYMENT: &str = "mechanizm podzielonej płatności";

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

/// A detail that is meant for the split payment is written exactly as Amazon asks for it: the text is meant, or
/// Polish text of type SUR is.
fn one(api: Api, details: &AdditionalDetails, form: &mut Form) {
    let Some(text) = &details.detail else { return };
    let language = details.language_code.as_deref();
    let polish = language.is_some_and(|code| code.eq_ignore_ascii_case(POLISH));
    let meant = folded(text).contains("podzielon");
    let sur = details.kind == Some(AdditionalDetailType::Sur);
    if !(meant || (polish && sur)) {
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

/// Small letters without Polish marks.
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
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}
