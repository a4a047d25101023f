//! Amazon's notifications: the stack's queue as a destination, and a subscription to each type.

use countinghouse_amazon::{AmazonError, Application, Destination, NotificationType, Seller, Subscription};

use super::ConnectError;
use super::advice::Trouble;
use super::progress::{Mark, Progress};

/// Sees to it that Amazon has the queue as a destination, and that the seller's notifications go there. What does not
/// succeed is said; reports are then found by polling, later.
pub(super) async fn arrange(
    progress: &mut Progress,
    application: &Application,
    seller: &Seller,
    queue: &Wanted<'_>,
) -> Result<(), ConnectError> {
    let destination = match destination(application, queue).await {
        Ok((destination, mark)) => {
            progress.step(mark, "destination", &format!("{} ({})", queue.arn, told(mark, "created")))?;
            destination
        }
        Err(error) => {
            let trouble = Trouble::of_destination(&error, queue.arn);
            progress.trouble(Mark::Attention, "destination", "none: reports are found by polling only", &trouble)?;
            return Ok(());
        }
    };
    for notification in NotificationType::ALL {
        subscribe(progress, application, seller, notification, destination.as_ref(), queue).await?;
    }
    Ok(())
}

/// The queue, and how far to go for it.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// The queue's ARN.
    pub(super) arn: &'a str,
    /// The name that a new destination gets.
    pub(super) name: &'a str,
    /// Whether a subscription to another destination is taken over.
    pub(super) replace: bool,
    /// Whether nothing is changed.
    pub(super) dry_run: bool,
}

fn told(mark: Mark, done: &str) -> &str {
    match mark {
        Mark::Already => "already",
        Mark::Would => "would be created",
        Mark::Done | Mark::Note | Mark::Attention | Mark::Failed => done,
    }
}

async fn found(application: &Application, arn: &str) -> Result<Option<Destination>, AmazonError> {
    let known = application.destinations().await?;
    Ok(known.into_iter().find(|destination| destination.queue_arn.as_deref() == Some(arn)))
}

/// The destination for the queue: found, or created. Somebody else may create it at the same moment.
async fn destination(
    application: &Application,
    queue: &Wanted<'_>,
) -> Result<(Option<Destination>, Mark), AmazonError> {
    if let Some(known) = found(application, queue.arn).await? {
        return Ok((Some(known), Mark::Already));
    }
    if queue.dry_run {
        return Ok((None, Mark::Would));
    }
    match application.create_destination(queue.name, queue.arn).await {
        Ok(made) => Ok((Some(made), Mark::Done)),
        Err(error) if error.is_conflict() => match found(application, queue.arn).await? {
            Some(known) => Ok((Some(known), Mark::Already)),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

async fn subscribe(
    progress: &mut Progress,
    application: &Application,
    seller: &Seller,
    notification: NotificationType,
    destination: Option<&Destination>,
    queue: &Wanted<'_>,
) -> Result<(), ConnectError> {
    let step = "subscription";
    let name = notification.name();
    match subscription(application, seller, notification, destination, queue).await {
        Ok(Outcome::Made(mark)) => progress.step(mark, step, &format!("{name} ({})", told(mark, "created")))?,
        Ok(Outcome::Replaced(mark)) => {
            let done = if mark == Mark::Would { "would be taken over" } else { "taken over from another destination" };
            progress.step(mark, step, &format!("{name} ({done})"))?;
        }
        Ok(Outcome::Elsewhere(other)) => {
            let trouble = Trouble::own(
                format!(
                    "Amazon allows one subscription for each type, and this one goes to destination {}",
                    other.destination_id
                ),
                "if nothing else needs it, run the same command with --replace; until then reports are found by polling",
            );
            progress.trouble(Mark::Attention, step, &format!("{name} goes to another destination"), &trouble)?;
        }
        Err(error) => {
            let text = format!("{name}: none; reports are found by polling only");
            progress.trouble(Mark::Attention, step, &text, &Trouble::of(&error))?;
        }
    }
    Ok(())
}

enum Outcome {
    Made(Mark),
    Replaced(Mark),
    Elsewhere(Subscription),
}

async fn subscription(
    application: &Application,
    seller: &Seller,
    notification: NotificationType,
    destination: Option<&Destination>,
    queue: &Wanted<'_>,
) -> Result<Outcome, AmazonError> {
    let known = seller.subscription(notification).await?;
    let Some(destination) = destination else {
        return Ok(match known {
            // The destination is not there yet, so this goes somewhere else.
            Some(_) if queue.replace => Outcome::Replaced(Mark::Would),
            Some(other) => Outcome::Elsewhere(other),
            None => Outcome::Made(Mark::Would),
        });
    };
    match known {
        Some(known) if known.destination_id == destination.id => return Ok(Outcome::Made(Mark::Already)),
        Some(other) if !queue.replace => return Ok(Outcome::Elsewhere(other)),
        Some(_) if queue.dry_run => return Ok(Outcome::Replaced(Mark::Would)),
        Some(other) => {
            end(application, seller, notification, &other).await?;
            seller.subscribe(notification, &destination.id).await?;
            return Ok(Outcome::Replaced(Mark::Done));
        }
        None if queue.dry_run => return Ok(Outcome::Made(Mark::Would)),
        None => {}
    }
    match seller.subscribe(notification, &destination.id).await {
        Ok(_) => Ok(Outcome::Made(Mark::Done)),
        // Somebody was quicker, or the answer to the first attempt was lost.
        Err(error) if error.is_conflict() => match seller.subscription(notification).await? {
            Some(known) if known.destination_id == destination.id => Ok(Outcome::Made(Mark::Already)),
            Some(other) => Ok(Outcome::Elsewhere(other)),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Ends a subscription: by the application's token, or the seller's where Amazon wants that. One that is gone is gone.
pub(crate) async fn end(
    application: &Application,
    seller: &Seller,
    notification: NotificationType,
    subscription: &Subscription,
) -> Result<(), AmazonError> {
    let ended = match application.unsubscribe(notification, &subscription.id).await {
        Err(AmazonError::Forbidden { .. }) => seller.unsubscribe(notification, &subscription.id).await,
        ended => ended,
    };
    match ended {
        Err(AmazonError::NotFound { .. }) => Ok(()),
        ended => ended,
    }
}
