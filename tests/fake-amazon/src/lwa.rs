//! Login with Amazon: `POST /auth/o2/token`.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::plus_ms;
use crate::world::{Principal, World};

const KNOWN_SCOPES: [&str; 3] = [
    "sellingpartnerapi::notifications",
    "sellingpartnerapi::client_credential:rotation",
    "sellingpartnerapi::migration",
];

/// An answer of the token endpoint; its errors do not have the shape of the API's.
#[derive(Debug, PartialEq)]
pub(crate) struct TokenReply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// The error of the token endpoint.
pub(crate) fn refusal(status: u16, error: &str, description: &str) -> TokenReply {
    TokenReply { status, body: json!({"error_description": description, "error": error}) }
}

/// The fields of a request, from a form or from JSON.
pub(crate) fn fields(content_type: Option<&str>, body: &[u8]) -> HashMap<String, String> {
    if content_type.is_some_and(|media| media.trim_start().to_ascii_lowercase().starts_with("application/json")) {
        let Ok(Value::Object(object)) = serde_json::from_slice(body) else { return HashMap::new() };
        let text = |(key, value): (String, Value)| value.as_str().map(|value| (key, value.to_owned()));
        object.into_iter().filter_map(text).collect()
    } else {
        url::form_urlencoded::parse(body).into_owned().collect()
    }
}

/// The seller whose refresh token a request has, for the log and for faults.
pub(crate) fn seller_of<'w>(world: &'w World, fields: &HashMap<String, String>) -> Option<&'w str> {
    let token = fields.get("refresh_token")?;
    let seller = world.sellers.values().find(|seller| seller.config.refresh_token.expose() == token)?;
    Some(&seller.config.seller_id)
}

/// Answers a request for a token.
pub(crate) fn answer(world: &mut World, fields: &HashMap<String, String>, now: Timestamp) -> TokenReply {
    let given = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let reply = match given("grant_type") {
        Some("refresh_token") => refresh(world, &given, now),
        Some("client_credentials") => grantless(world, &given, now),
        Some("authorization_code") => client(world, &given, now).and(Err(refusal(
            400,
            "invalid_grant",
            "The request has an invalid grant parameter : code",
        ))),
        _ => Err(refusal(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server",
        )),
    };
    reply.unwrap_or_else(|refusal| refusal)
}

fn refresh<'f>(
    world: &mut World,
    given: &impl Fn(&str) -> Option<&'f str>,
    now: Timestamp,
) -> Result<TokenReply, TokenReply> {
    let client_id = client(world, given, now)?;
    if given("scope").is_some() {
        return Err(refusal(400, "invalid_request", "The request has both a refresh_token and a scope"));
    }
    let token = given("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let authorised = world.sellers.values().find(|seller| {
        seller.config.refresh_token.expose() == token && seller.config.client_id == client_id && !seller.config.revoked
    });
    let Some(seller) = authorised else {
        let description = "The request has an invalid grant parameter : refresh_token. \
            User may have revoked or didn't grant the permission.";
        return Err(refusal(400, "invalid_grant", description));
    };
    let seller_id = seller.config.seller_id.clone();
    let lifetime_ms = world.settings.lifetimes.access_token_ms;
    let principal = Principal::Seller { seller_id, client_id };
    let access_token = world.issue_token("Atza|", principal, plus_ms(now, lifetime_ms));
    Ok(granted(&json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": lifetime_ms / 1_000,
        "refresh_token": token,
    })))
}

fn grantless<'f>(
    world: &mut World,
    given: &impl Fn(&str) -> Option<&'f str>,
    now: Timestamp,
) -> Result<TokenReply, TokenReply> {
    let client_id = client(world, given, now)?;
    if given("refresh_token").is_some() {
        return Err(refusal(400, "invalid_request", "The request has both a refresh_token and a scope"));
    }
    let scope = given("scope").ok_or_else(|| missing("scope"))?;
    let scopes: Vec<String> = scope.split(' ').map(str::to_owned).collect();
    if scopes.iter().any(|scope| !KNOWN_SCOPES.contains(&scope.as_str())) {
        return Err(refusal(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed"));
    }
    let lifetime_ms = world.settings.lifetimes.access_token_ms;
    let principal = Principal::Grantless { client_id, scopes };
    let access_token = world.issue_token("Atc|", principal, plus_ms(now, lifetime_ms));
    Ok(granted(&json!({
        "access_token": access_token,
        "scope": scope,
        "token_type": "bearer",
        "expires_in": lifetime_ms / 1_000,
    })))
}

/// The application, if its secret is right.
fn client<'f>(world: &World, given: &impl Fn(&str) -> Option<&'f str>, now: Timestamp) -> Result<String, TokenReply> {
    let client_id = given("client_id").ok_or_else(|| missing("client_id"))?;
    let secret = given("client_secret").ok_or_else(|| missing("client_secret"))?;
    let is_present = world
        .sellers
        .values()
        .any(|seller| seller.config.client_id == client_id && seller.config.client_secret.expose() == secret);
    let applications = &world.applications;
    let is_good = is_present && !applications.has_expired(client_id, now);
    if is_good || applications.is_old_secret(client_id, secret, now) {
        Ok(client_id.to_owned())
    } else {
        Err(refusal(401, "invalid_client", "Client authentication failed"))
    }
}

fn missing(parameter: &str) -> TokenReply {
    refusal(400, "invalid_request", &format!("The request is missing a required parameter : {parameter}"))
}

fn granted(body: &Value) -> TokenReply {
    TokenReply { status: 200, body: body.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded;charset=UTF-8");
    const GOOD: &str = "grant_type=refresh_token&refresh_token=Atzr%7Cexample-eu\
        &client_id=amzn1.application-oa2-client.example&client_secret=amzn1.oa2-cs.v1.example";

    fn ask(content_type: Option<&str>, body: &str) -> (u16, Value) {
        let mut world = World::new(&Scenario::two_sellers(), "", Timestamp::UNIX_EPOCH).unwrap();
        let reply = answer(&mut world, &fields(content_type, body.as_bytes()), Timestamp::UNIX_EPOCH);
        (reply.status, reply.body)
    }

    #[test]
    fn a_refresh_token_gives_an_access_token() {
        let (status, body) = ask(FORM, GOOD);
        assert_eq!((status, &body["expires_in"], &body["token_type"]), (200, &json!(3600), &json!("bearer")));
        assert!(body["access_token"].as_str().unwrap().starts_with("Atza|"));
        assert_eq!(body["refresh_token"], "Atzr|example-eu");
    }

    #[test]
    fn json_is_understood_where_the_header_says_so() {
        let body = json!({"grant_type": "refresh_token", "refresh_token": "Atzr|example-us",
            "client_id": "amzn1.application-oa2-client.example", "client_secret": "amzn1.oa2-cs.v1.example"});
        assert_eq!(ask(Some("application/json"), &body.to_string()).0, 200);
        let (status, answer) = ask(FORM, &body.to_string());
        assert_eq!((status, &answer["error"]), (400, &json!("unsupported_grant_type")));
    }

    #[test]
    fn refusals_have_amazons_status_and_code() {
        let cases = [
            (GOOD.replace("example-eu", "other"), 400, "invalid_grant"),
            (GOOD.replace("v1.example", "v1.expired"), 401, "invalid_client"),
            (GOOD.replace("&client_secret=", "&x="), 400, "invalid_request"),
            (GOOD.replace("grant_type=refresh_token", "grant_type=client_credentials"), 400, "invalid_request"),
            (format!("{GOOD}&scope=sellingpartnerapi::notifications"), 400, "invalid_request"),
            (GOOD.replace("grant_type=refresh_token", "grant_type=authorization_code"), 400, "invalid_grant"),
            (GOOD.replace("grant_type=refresh_token", "grant_type=password"), 400, "unsupported_grant_type"),
        ];
        for (body, status, error) in cases {
            let (seen, answer) = ask(FORM, &body);
            assert_eq!((seen, answer["error"].as_str()), (status, Some(error)), "{body}");
        }
    }

    #[test]
    fn a_grantless_token_has_a_scope_and_no_refresh_token() {
        let body = GOOD
            .replace("grant_type=refresh_token", "grant_type=client_credentials")
            .replace("refresh_token=Atzr%7Cexample-eu", "scope=sellingpartnerapi::notifications");
        let (status, answer) = ask(FORM, &body);
        assert_eq!((status, &answer["scope"]), (200, &json!("sellingpartnerapi::notifications")));
        assert!(answer.get("refresh_token").is_none());
        assert_eq!(ask(FORM, &body.replace("::notifications", "::everything")).1["error"], "invalid_scope");
    }
}
