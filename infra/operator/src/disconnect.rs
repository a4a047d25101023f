//! `countinghouse disconnect`: the stack does nothing for an account any more. What is booked stays.

use std::process::ExitCode;
use std::sync::Arc;

use countinghouse_amazon::{
    AmazonError, Application, ApplicationCredentials, Destination, NotificationType, Seller as SellerAtAmazon,
};
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::time::SystemClock;
use countinghouse_store::{DynamoRateBudget, OwnInvoices, Secrets, Seller, Sellers, StoreError, account_secret_name};

use crate::connect::target::{Kind, account_id, named};
use crate::connect::{ConnectError, Mark, Progress, Trouble, end_subscription};
use crate::desk::{self, FAILED};
use crate::stack::{Description, Stack, StackArguments};

/// Let the stack do nothing for an account any more; the books stay
///
/// Ends the account's subscriptions at Amazon, takes it out of the table of sellers, and marks its secret for deletion:
/// for a week it can be restored, and `countinghouse connect` with the refresh token restores it. Amazon's destination is deleted when no other
/// account needs it; the application's secret stays. Invoices, payments, settlements and stored reports stay. Reports
/// that were asked for and are not booked yet are not fetched any more. It is safe to run twice.
///
/// At Amazon the authorisation stays until it is withdrawn there.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The account's id
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// Does not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Shows what would be done
    #[arg(long)]
    dry_run: bool,
    /// Prints one line of JSON for each step
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    stack: StackArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    desk::block_on(disconnect(arguments))
}

async fn disconnect(arguments: &Arguments) -> Result<u8, ConnectError> {
    let account = account_id(&arguments.account)?;
    let stack = Stack::open(&arguments.stack).await?;
    let description = stack.description().await?;
    let sellers = Sellers::new(stack.dynamodb(), &stack.tables.sellers);
    let known = sellers.get(&account).await?;
    let secrets = stack.secrets();
    if known.is_none() && !secrets.is_known(&account_secret_name(&account)).await? {
        return Err(unknown(&account, &sellers.list().await?));
    }
    let mut progress = Progress::new(arguments.json);
    if let Some(known) = &known {
        let kind = Kind::of(known.flows).name();
        let what = format!("{kind} {account} ({}), connected for {}", known.name, named(known.flows));
        progress.headline(&format!("Disconnecting {what}, from the stack {}", stack.name))?;
        let open = invoices_under_way(&stack, known).await?;
        if open > 0 {
            let are = if open == 1 { "1 own invoice is".to_owned() } else { format!("{open} own invoices are") };
            let text = format!(
                "{are} not with Amazon to the end: nothing is made, uploaded or followed until the account is connected again, \
                 with --flows invoicing"
            );
            progress.step(Mark::Attention, "own invoices", &text)?;
        }
        let question = "Its books stay. Disconnect it?";
        if !arguments.yes && !arguments.dry_run && !desk::confirmed(question) {
            desk::tell("Nothing was changed. Without a question: --yes");
            return Ok(FAILED);
        }
    }
    let mut leaving = Leaving { account, known, dry_run: arguments.dry_run, secrets, progress };
    if leaving.end_at_amazon(&stack, &description, &sellers).await? {
        leaving.remove(&stack, &sellers).await?;
    }
    Ok(leaving.progress.code())
}

/// How many own invoices of the account are due, on their way, or wait for a person.
async fn invoices_under_way(stack: &Stack, account: &Seller) -> Result<usize, ConnectError> {
    if !account.flows.invoicing {
        return Ok(0);
    }
    let invoices = OwnInvoices::new(stack.dynamodb(), &stack.tables.own_invoices).list(&account.seller_id).await?;
    Ok(invoices.iter().filter(|each| !each.standing.state.is_final()).count())
}

/// Neither connected nor disconnected: a mistyped id, or one that was disconnected long ago.
fn unknown(account: &SellerId, connected: &[Seller]) -> ConnectError {
    let ids: Vec<_> = connected.iter().map(|each| each.seller_id.as_str()).collect();
    let ids = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    ConnectError::Argument(format!("no account `{account}` is connected, and nothing is left of one; connected: {ids}"))
}

struct Leaving {
    account: SellerId,
    known: Option<Seller>,
    dry_run: bool,
    secrets: Secrets,
    progress: Progress,
}

impl Leaving {
    /// Ends the subscriptions, and deletes the destination if nobody else needs it. False if it is better to stop here.
    async fn end_at_amazon(
        &mut self,
        stack: &Stack,
        description: &Description,
        sellers: &Sellers,
    ) -> Result<bool, ConnectError> {
        let Some(known) = self.known.clone().filter(|known| Kind::of(known.flows) == Kind::Seller) else {
            return Ok(true);
        };
        let Some(credentials) = self.application(&known.secret_name).await? else {
            self.progress.step(Mark::Note, "subscriptions", "the credentials are gone already; Amazon is not asked")?;
            return Ok(true);
        };
        let Some(arn) = description.outputs.get("NotificationsQueueArn") else { return Ok(true) };
        let amazon = stack.amazon().await?;
        let application = amazon.application(credentials.clone(), known.region);
        let seller = amazon.seller(known.seller_id.clone(), known.region);
        let destination = match application.destinations().await {
            Ok(all) => all.into_iter().find(|each| each.queue_arn.as_ref() == Some(arn)),
            Err(error) => return self.not_asked(&error),
        };
        for notification in NotificationType::ALL {
            if let Err(error) = self.end(&application, &seller, notification, destination.as_ref()).await? {
                return self.not_asked(&error);
            }
        }
        if let Some(destination) = destination {
            let is_used = self.is_used(&credentials, &known, sellers).await?;
            self.delete(&application, &destination, is_used).await?;
        }
        Ok(true)
    }

    async fn application(&self, secret_name: &str) -> Result<Option<ApplicationCredentials>, ConnectError> {
        let found = async {
            let at = self.secrets.application_of(secret_name).await?;
            self.secrets.application(&at).await
        };
        match found.await {
            Ok(stored) => Ok(ApplicationCredentials::new(stored.client_id, stored.client_secret).ok()),
            Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends one subscription, if it goes to this stack.
    async fn end(
        &mut self,
        application: &Application,
        seller: &SellerAtAmazon,
        notification: NotificationType,
        ours: Option<&Destination>,
    ) -> Result<Result<(), AmazonError>, ConnectError> {
        let name = notification.name();
        let found = match seller.subscription(notification).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let Some(found) = found else {
            self.progress.step(Mark::Already, "subscription", &format!("{name}: none"))?;
            return Ok(Ok(()));
        };
        if ours.is_none_or(|ours| ours.id != found.destination_id) {
            self.progress.step(
                Mark::Note,
                "subscription",
                &format!("{name} goes to another destination, and stays"),
            )?;
            return Ok(Ok(()));
        }
        if self.dry_run {
            self.progress.step(Mark::Would, "subscription", &format!("{name}: would be ended"))?;
            return Ok(Ok(()));
        }
        if let Err(error) = end_subscription(application, seller, notification, &found).await {
            return Ok(Err(error));
        }
        self.progress.step(Mark::Done, "subscription", &format!("{name}: ended"))?;
        Ok(Ok(()))
    }

    /// Amazon could not be asked. What passes is worth a second run while the credentials are there; if Amazon lets nobody
    /// in any more, the subscriptions have ended with the authorisation.
    fn not_asked(&mut self, error: &AmazonError) -> Result<bool, ConnectError> {
        let trouble = Trouble::of(error);
        if error.retry_after().is_some() {
            let text = "Amazon could not be asked; the account is still connected";
            self.progress.trouble(Mark::Failed, "subscriptions", text, &trouble)?;
            return Ok(false);
        }
        let text = "not ended: Amazon does not let the account in; what was subscribed ends with the authorisation";
        self.progress.trouble(Mark::Note, "subscriptions", text, &trouble)?;
        Ok(true)
    }

    /// Whether another account of the application has its notifications sent to the same place.
    async fn is_used(
        &self,
        credentials: &ApplicationCredentials,
        leaving: &Seller,
        sellers: &Sellers,
    ) -> Result<bool, ConnectError> {
        for other in sellers.list().await? {
            let is_alike = other.seller_id != leaving.seller_id
                && other.region == leaving.region
                && Kind::of(other.flows) == Kind::Seller;
            if !is_alike {
                continue;
            }
            let application = self.application(&other.secret_name).await?;
            if application.is_some_and(|application| application.client_id() == credentials.client_id()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn delete(
        &mut self,
        application: &Application,
        destination: &Destination,
        is_used: bool,
    ) -> Result<(), ConnectError> {
        let step = "destination";
        if is_used {
            return Ok(self.progress.step(Mark::Note, step, "stays: other accounts need it")?);
        }
        if self.dry_run {
            return Ok(self.progress.step(Mark::Would, step, "would be deleted: no other account needs it")?);
        }
        match application.delete_destination(&destination.id).await {
            Ok(()) | Err(AmazonError::NotFound { .. }) => {
                Ok(self.progress.step(Mark::Done, step, "deleted: no other account needs it")?)
            }
            Err(error) => {
                Ok(self.progress.trouble(Mark::Note, step, "stays, which does no harm", &Trouble::of(&error))?)
            }
        }
    }

    /// Takes the account out of the table, marks its secret for deletion, and forgets its rate budgets.
    async fn remove(&mut self, stack: &Stack, sellers: &Sellers) -> Result<(), ConnectError> {
        let secret_name =
            self.known.as_ref().map_or_else(|| account_secret_name(&self.account), |known| known.secret_name.clone());
        if self.dry_run {
            let text = "would be taken out of the table of sellers; its books stay";
            self.progress.step(Mark::Would, "account", text)?;
            self.progress.step(Mark::Would, "secret", &format!("{secret_name}: would be marked for deletion"))?;
            return Ok(self.progress.headline("Nothing was changed: this was a dry run.")?);
        }
        // First the account: from now on nothing begins for it.
        if self.known.is_some() {
            sellers.remove(&self.account).await?;
            self.progress.step(Mark::Done, "account", "taken out of the table of sellers; its books stay")?;
        }
        let is_removed = self.secrets.remove(&secret_name).await?;
        if is_removed {
            let text = format!("{secret_name}: marked for deletion; for a week it can be restored");
            self.progress.step(Mark::Done, "secret", &text)?;
        }
        let budget = DynamoRateBudget::new(stack.dynamodb(), &stack.tables.rate_budgets, Arc::new(SystemClock));
        let forgotten = budget.forget(&self.account).await?;
        if forgotten > 0 {
            self.progress.step(Mark::Done, "rate budgets", &format!("{forgotten} forgotten"))?;
        }
        if self.known.is_none() {
            let left = if is_removed { "what was left of it is removed" } else { "nothing is left to do" };
            self.progress.headline(&format!("{} is not connected; {left}.", self.account))?;
        }
        Ok(())
    }
}
