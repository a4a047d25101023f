//! The applications and their client secrets, for people and for programs.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::known::Application;
use crate::desk;

/// From how many days before its end on a client secret is to be replaced; the alarm `secret-expires` says so, too.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A table for people.
pub(super) fn table(applications: &[Application], now: Timestamp) -> String {
    if applications.is_empty() {
        return "No account is connected, so no application is known.\n".to_owned();
    }
    let header = ["application", "client id", "accounts", "stored", "expires", "the one before"];
    desk::table(header, 0..0, applications.iter().map(|each| row(each, now)))
}

fn row(application: &Application, now: Timestamp) -> [String; 6] {
    let credentials = &application.credentials;
    let stored =
        application.since().map_or_else(|| "unknown".to_owned(), |since| format!("{} ago", desk::age(since, now)));
    let expires = application.expires_at().map_or_else(
        || "unknown".to_owned(),
        |(at, told)| {
            let day = desk::day(at);
            let left = at.duration_since(now);
            let when = if left.is_negative() { "expired".to_owned() } else { format!("in {}", desk::span(left)) };
            if told { format!("{day}, {when}") } else { format!("{day} at the latest, {when}") }
        },
    );
    let before = match credentials.previous_client_secret_expires_at {
        Some(until) if until >= now => format!("good until {}", desk::day(until)),
        Some(until) => format!("ended on {}", desk::day(until)),
        None => "unknown".to_owned(),
    };
    let accounts = match application.accounts.as_slice() {
        [] => "none".to_owned(),
        few if few.len() <= 3 => few.join(", "),
        many => format!("{} accounts", many.len()),
    };
    [application.name.clone(), end_of(&credentials.client_id), accounts, stored, expires, before]
}

/// The end of a long identifier, which tells applications apart.
fn end_of(client_id: &str) -> String {
    let signs: Vec<_> = client_id.chars().collect();
    match signs.len().checked_sub(16) {
        Some(start) if start > 0 => format!("…{}", signs.iter().skip(start).collect::<String>()),
        _ => client_id.to_owned(),
    }
}

/// What a person should do about an application; none where its client secret is good for long.
pub(super) fn mend(application: &Application, now: Timestamp) -> Option<String> {
    let name = &application.name;
    let rotate = format!("`countinghouse rotate --application {name}` asks Amazon for a new one");
    match application.expires_at() {
        None => Some(format!("{name}: how old its client secret is cannot be known; {rotate}")),
        Some((at, _)) if at <= now => Some(format!(
            "{name}: its client secret has expired. Make a new one in Amazon's developer console, and store it with \
             `countinghouse connect application`"
        )),
        Some((at, _)) if at.duration_since(now) <= SOON => {
            Some(format!("{name}: its client secret expires in {}; {rotate}", desk::span(at.duration_since(now))))
        }
        Some(_) => None,
    }
}

/// A JSON object for each, one a line.
pub(super) fn lines(applications: &[Application]) -> String {
    let line = |each: &Application| {
        let expires = each.expires_at();
        let object = json!({
            "application": each.name,
            "client_id": each.credentials.client_id,
            "secrets": each.secrets,
            "accounts": each.accounts,
            "stored_at": each.since(),
            "expires_at": expires.map(|(at, _)| at),
            "expiry_is_told": expires.map(|(_, told)| told),
            "previous_expires_at": each.credentials.previous_client_secret_expires_at,
        });
        format!("{object}\n")
    };
    applications.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::known::tests::application;
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T04:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_table_says_how_long_a_secret_is_good_and_shows_none() {
        let mut known = application("default");
        known.credentials.client_secret_expires_at = Some("2027-05-21T04:00:00Z".parse().unwrap());
        known.credentials.previous_client_secret_expires_at = Some("2026-11-29T04:00:00Z".parse().unwrap());
        let text = table(&[known], now());
        assert!(text.contains("2027-05-21, in 180 days") && text.contains("good until 2026-11-29"), "{text}");
        assert!(!text.contains("geheim") && !lines(&[application("default")]).contains("geheim"));
    }

    #[test]
    fn what_expires_soon_or_has_expired_says_what_to_do() {
        let with = |expires_at: &str| {
            let mut known = application("default");
            known.credentials.client_secret_expires_at = Some(expires_at.parse().unwrap());
            mend(&known, now())
        };
        assert_eq!(with("2027-05-21T04:00:00Z"), None);
        assert!(with("2026-12-22T04:00:00Z").unwrap().contains("expires in 30 days; `countinghouse rotate"));
        assert!(with("2026-11-22T03:00:00Z").unwrap().contains("has expired. Make a new one"));
        // Stored 174 days ago, and Amazon has not said when it ends.
        assert!(mend(&application("default"), now()).unwrap().contains("expires in 5 days"));
    }
}
