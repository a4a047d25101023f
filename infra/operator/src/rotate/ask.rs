//! Asking Amazon for a new client secret, and waiting until it is stored.

use std::time::Duration;

use countinghouse_amazon::{AmazonError, ApplicationCredentials, Refusal};
use countinghouse_store::Secrets;
use secrecy::ExposeSecret;

use super::RotateError;
use super::known::Application;
use crate::desk::{self, ATTENTION, FINE};
use crate::stack::Stack;

/// How often the secret is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Asks for a new client secret, and waits for it where that is wanted; answers the exit code.
pub(super) async fn ask(stack: &Stack, application: &Application, wait: Option<Duration>) -> Result<u8, RotateError> {
    let secrets = stack.secrets();
    let known = match request(stack, &secrets, application).await {
        Ok(()) => "Amazon was asked for a new client secret",
        // It is never asked twice: the request may have arrived.
        Err(RotateError::Amazon(error)) if matches!(*error, AmazonError::AnswerLost { .. }) => {
            "Amazon was asked for a new client secret, and its answer was lost: whether one comes will be seen"
        }
        Err(RotateError::Amazon(error)) => {
            let Some(cure) = cure(stack, application, &error).await? else { return Err(RotateError::Amazon(error)) };
            desk::complain(&format!("{}\n{cure}", desk::chain(error.as_ref())));
            return Ok(ATTENTION);
        }
        Err(error) => return Err(error),
    };
    desk::tell(&format!("{known} for the application {}, which {} use.", application.name, accounts(application)));
    desk::tell(
        "The present one is good for seven more days. Other programs that use this application must take the new one, too.",
    );
    let Some(longest) = wait else {
        desk::tell("`countinghouse rotate --status` shows when the new one is stored.");
        return Ok(FINE);
    };
    if !stored(&secrets, application, longest).await? {
        desk::complain(&format!(
            "no new client secret has been stored in {} minutes. Look at the queue {stack}-client-secrets and at the log of \
             {stack}-rotate-secrets; the message waits for twelve days",
            longest.as_secs() / 60,
            stack = stack.name
        ));
        return Ok(ATTENTION);
    }
    let now = secrets.application(first_of(application)).await?;
    let day = |time: Option<jiff::Timestamp>| time.map_or_else(|| "an unknown day".to_owned(), desk::day);
    desk::tell(&format!(
        "The new client secret is stored. It is good until {}, the one before until {}.",
        day(now.client_secret_expires_at),
        day(now.previous_client_secret_expires_at)
    ));
    Ok(FINE)
}

fn accounts(application: &Application) -> String {
    match application.accounts.len() {
        0 => "no accounts".to_owned(),
        1 => "one account".to_owned(),
        many => format!("{many} accounts"),
    }
}

/// The request itself, with the present client secret, or with the one before where Amazon does not take that yet.
async fn request(stack: &Stack, secrets: &Secrets, application: &Application) -> Result<(), RotateError> {
    let amazon = stack.amazon().await?;
    let rotate = async |client_secret: &secrecy::SecretString| {
        let client_id = application.credentials.client_id.as_str();
        let credentials = ApplicationCredentials::new(client_id, client_secret.expose_secret().into())
            .map_err(|_invalid| RotateError::ClientId(first_of(application).to_owned()))?;
        let application = amazon.application(credentials, application.region);
        application.rotate_client_secret().await.map_err(|error| RotateError::Amazon(Box::new(error)))
    };
    let refused = match rotate(&application.credentials.client_secret).await {
        Err(RotateError::Amazon(error)) if is_about_the_secret(&error) => error,
        result => return result,
    };
    match secrets.previous_application(first_of(application)).await? {
        Some(before) => rotate(&before.client_secret).await,
        None => Err(RotateError::Amazon(refused)),
    }
}

const fn is_about_the_secret(error: &AmazonError) -> bool {
    matches!(error, AmazonError::Unauthorized { refusal: Refusal::Secret, .. })
}

fn first_of(application: &Application) -> &str {
    application.secrets.first().map_or(application.name.as_str(), String::as_str)
}

/// What a person can do about a refusal; none where nobody needs to do anything but try again.
async fn cure(stack: &Stack, application: &Application, error: &AmazonError) -> Result<Option<String>, RotateError> {
    let said = |text: &str| {
        let words = error.answer().map(ToString::to_string).unwrap_or_default().to_ascii_lowercase();
        words.contains(text)
    };
    if is_about_the_secret(error) {
        return Ok(Some(format!(
            "Amazon does not take the stored client secret of {}: it has expired, or was replaced elsewhere. Make a new one in \
             Amazon's developer console (Develop Apps, LWA credentials), and store it with `countinghouse connect application`.",
            application.name
        )));
    }
    if matches!(error, AmazonError::BadRequest { .. }) && said("enrolled") {
        let outputs = stack.description().await?.outputs;
        let arn =
            outputs.get("ClientSecretsQueueArn").map_or("the stack's output ClientSecretsQueueArn", String::as_str);
        return Ok(Some(format!(
            "Amazon does not know where to send a new client secret. Once for each application, in Amazon's developer console \
             (Seller Central: Apps and Services, Develop Apps; or https://solutionproviderportal.amazon.com), open the \
             application's Notification Preferences and register this queue for client secret notifications:\n  {arn}"
        )));
    }
    if let AmazonError::RateLimited { .. } = error {
        return Ok(Some("Amazon takes one such request a minute: try again in a minute.".to_owned()));
    }
    Ok(None)
}

/// Waits until every secret of the application has another client secret; false where that took too long.
async fn stored(secrets: &Secrets, application: &Application, longest: Duration) -> Result<bool, RotateError> {
    let progress = indicatif::ProgressBar::new_spinner().with_message("waiting for Amazon's message");
    progress.enable_steady_tick(Duration::from_millis(120));
    let is_stored = async {
        for secret in &application.secrets {
            loop {
                secrets.forget(secret);
                let now = secrets.application(secret).await?;
                if now.client_secret.expose_secret() != application.credentials.client_secret.expose_secret() {
                    break;
                }
                #[expect(clippy::disallowed_methods, reason = "a person asked to wait; no function waits so")]
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        Ok::<(), RotateError>(())
    };
    let waited = tokio::time::timeout(longest, is_stored).await;
    progress.finish_and_clear();
    match waited {
        Ok(stored) => stored.map(|()| true),
        Err(_elapsed) => Ok(false),
    }
}
