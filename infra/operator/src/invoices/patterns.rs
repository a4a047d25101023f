//! Which series the profile that an account has stored can make.

use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_invoicing::{Profile, ProfileError};
use countinghouse_store::{ObjectNews, OwnInvoiceObjects, beside_profile_key, profile_key};
use countinghouse_vat_invoices::number::{Place, SeriesPattern};
use jiff::tz::TimeZone;

use super::desk::{Desk, InvoicesError};
use crate::desk::plain;

/// Refuses a series that no number of the account belongs to.
pub(super) async fn check(desk: &Desk, account: &SellerId, series: &str) -> Result<(), InvoicesError> {
    let profile = stored(desk, account).await?;
    let year = SystemClock.now().to_zoned(TimeZone::UTC).year();
    made(&profile, series, year).map_err(|made| InvoicesError::OtherSeries {
        series: plain(series),
        account: account.to_string(),
        made,
    })
}

/// Whether a pattern of the profile makes the series; if not, those that the patterns make this year where the seller is.
fn made(profile: &Profile, series: &str, year: i16) -> Result<(), String> {
    let numbers = &profile.numbers;
    let patterns = [(DocumentKind::Invoice, &numbers.invoice), (DocumentKind::CreditNote, &numbers.credit_note)];
    let mut made = Vec::new();
    for (kind, text) in patterns {
        // A profile with a pattern that is none is not read.
        let Ok(pattern) = text.parse::<SeriesPattern>() else { continue };
        if pattern.makes_series(series, kind) {
            return Ok(());
        }
        let country = profile.seller.country.clone();
        let place = Place { year, marketplace: country.clone(), country, kind };
        made.push(format!("{} (pattern {text})", pattern.series(&place)));
    }
    Err(format!("{}, and the same for another year or country", made.join(" and ")))
}

/// The profile from which the account's documents are made now.
async fn stored(desk: &Desk, account: &SellerId) -> Result<Profile, InvoicesError> {
    let objects = OwnInvoiceObjects::new(desk.stack.s3(), &desk.stack.bucket().await?);
    let key = profile_key(account);
    let ObjectNews::Changed { bytes, .. } = objects.if_changed(&key, None).await? else {
        return Err(InvoicesError::NoProfile { account: account.to_string() });
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| ProfileError {
        file: key.clone(),
        line: None,
        field: String::new(),
        problem: format!("it is not UTF-8 from byte {} on: save it as UTF-8", error.valid_up_to()),
    })?;
    let mut logo = None;
    // What it says of a logo that is not there yet does not matter here.
    let _only_the_name = Profile::read(&key, text, |name| {
        logo = Some(name.to_owned());
        Err(String::new())
    });
    let logo = match logo.and_then(|name| beside_profile_key(account, &name)) {
        Some(beside) => match objects.if_changed(&beside, None).await? {
            ObjectNews::Changed { bytes, .. } => Some(bytes),
            ObjectNews::Same | ObjectNews::Missing => None,
        },
        None => None,
    };
    Ok(Profile::read(&key, text, |name| logo.clone().ok_or_else(|| format!("{name} is not beside the profile")))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_series_that_a_pattern_makes_is_taken_and_the_others_are_told_which_there_are() {
        let profile = Profile::sample().unwrap();
        for series in ["DE-2026-#", "FR-2027-#", "DE-C2026-#"] {
            assert_eq!(made(&profile, series, 2026), Ok(()), "{series}");
        }
        let told = made(&profile, "INV-2026-DE-#", 2026).unwrap_err();
        assert!(told.starts_with("DE-2026-# (pattern {country}-{year}-{number:6}) and DE-C2026-# (pattern"), "{told}");
    }
}
