//! Connecting an account: everything is checked, then stored, then arranged with Amazon.

mod whereabouts;

use std::sync::Arc;

use countinghouse_amazon::{Amazon, AmazonError};
use countinghouse_domain::ids::{MarketplaceId, SellerId};
use countinghouse_domain::marketplace::{Marketplace, Region};
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_store::{Flows, Put, Seller, Sellers, account_secret_name};
use secrecy::ExposeSecret as _;

use super::advice::Trouble;
use super::application::{lacking, other_application, say_stored};
use super::input::Source;
use super::notifications::{self, Wanted};
use super::place;
use super::progress::{Mark, Progress};
use super::roles::{self, Finding, Right};
use super::secrets::{self, InMemory, Origin, Proof};
use super::target::{Kind, Wish, named};
use super::{ConnectError, schedules};
use crate::stack::{Description, Stack};
use whereabouts::Whereabouts;

/// Connects what is wished for, and answers the exit code.
pub(super) async fn connect(wish: &Wish<'_>) -> Result<u8, ConnectError> {
    let manner = &wish.common.manner;
    let marketplaces = place::named(wish.marketplaces)?;
    let mut regions = place::candidates(wish.common.amazon_region, &marketplaces)?;
    let application_secret = wish.application_secret()?;
    let stack = Stack::open(&wish.common.stack).await?;
    let description = stack.description().await?;
    let source = if wish.common.again { Source::none() } else { Source::open(manner.credentials_from.as_deref())? };
    let account = wish.account(&source)?;
    let progress = Progress::new(manner.json);
    progress.headline(&format!("Connecting {} {account} to the stack {}", wish.kind.name(), stack.name))?;

    let known = Sellers::new(stack.dynamodb(), &stack.tables.sellers).get(&account).await?;
    // Where it is connected already, that region is asked first.
    regions.sort_by_key(|region| known.as_ref().is_some_and(|known| known.region != *region));
    let mut desk = Desk { wish, stack, description, account, known, application_secret, progress, has_changed: false };
    if !desk.id_is_usual()? {
        return Ok(desk.progress.code());
    }
    let Some(proof) = desk.proof(&source).await? else { return Ok(desk.progress.code()) };
    let amazon = desk.stack.amazon_with(Arc::new(InMemory(proof.credentials()))).await?;
    let Some(checked) = desk.check(&amazon, &proof, &regions, &marketplaces).await? else {
        return Ok(desk.progress.code());
    };
    desk.store(&proof, &checked).await?;
    desk.arrange(&amazon, &proof, &checked).await?;
    desk.summary(&checked)?;
    Ok(desk.progress.code())
}

/// What was found out, and will be stored.
struct Checked {
    region: Region,
    marketplaces: Vec<&'static Marketplace>,
    flows: Flows,
    store_name: Option<String>,
}

/// Everything at hand while one account is connected.
struct Desk<'a> {
    wish: &'a Wish<'a>,
    stack: Stack,
    description: Description,
    account: SellerId,
    known: Option<Seller>,
    application_secret: String,
    progress: Progress,
    /// Whether the account or a secret is not as it was.
    has_changed: bool,
}

impl Desk<'_> {
    /// The credentials; none after saying what is wrong.
    async fn proof(&mut self, source: &Source) -> Result<Option<Proof>, ConnectError> {
        let store = self.stack.secrets();
        let proof = match secrets::proof(&store, source, self.known.as_ref(), &self.application_secret).await? {
            Ok(proof) => proof,
            Err(what) => {
                lacking(&mut self.progress, &what)?;
                return Ok(None);
            }
        };
        let name = &self.wish.common.application;
        match &proof.application {
            Origin::Given(given) => {
                let stored = secrets::stored_application(&store, &self.application_secret).await?;
                if let Some(stored) = stored.filter(|stored| stored.client_id != given.client_id) {
                    let trouble = other_application(name, &stored.client_id);
                    self.progress.trouble(Mark::Failed, "application", &format!("{name} is another one"), &trouble)?;
                    return Ok(None);
                }
                self.progress.step(Mark::Done, "application", &format!("{name}: {}", given.client_id))?;
            }
            Origin::Stored(stored, at) => {
                self.progress.step(Mark::Already, "application", &format!("{} (stored in {at})", stored.client_id))?;
            }
        }
        Ok(Some(proof))
    }

    /// Checks everything; nothing is changed. None after saying what is wrong.
    async fn check(
        &mut self,
        amazon: &Amazon,
        proof: &Proof,
        regions: &[Region],
        named: &[&'static Marketplace],
    ) -> Result<Option<Checked>, ConnectError> {
        if self.is_connected_twice(proof).await? {
            return Ok(None);
        }
        let first = regions.first().copied().unwrap_or(Region::Eu);
        if let Err(error) = amazon.seller(self.account.clone(), first).check_credentials().await {
            self.fail("access token", "Amazon gives none; nothing is stored", &Trouble::of(&error))?;
            return Ok(None);
        }
        self.progress.step(Mark::Done, "access token", "Amazon gives one for this refresh token")?;
        let place = match self.wish.kind {
            Kind::Seller => self.place_of_seller(amazon, regions, named).await?,
            Kind::Vendor | Kind::Buyer => self.place_of_other(amazon, regions).await?,
        };
        let Some(Whereabouts { region, marketplaces, store_name }) = place else { return Ok(None) };
        let wanted = self.wanted(&marketplaces);
        let seller = amazon.seller(self.account.clone(), region);
        let findings = roles::examine(&seller, wanted, SystemClock.now()).await;
        let Some(flows) = self.look_at_rights(wanted, &findings)? else { return Ok(None) };
        Ok(Some(Checked { region, marketplaces, flows, store_name }))
    }

    fn fail(&mut self, step: &str, text: &str, trouble: &Trouble) -> Result<(), ConnectError> {
        Ok(self.progress.trouble(Mark::Failed, step, text, trouble)?)
    }

    /// Amazon's seller ids look alike. Amazon lets a mistyped one in as well, for it only looks at the token: everything
    /// would be booked under it.
    fn id_is_usual(&mut self) -> Result<bool, ConnectError> {
        if self.wish.kind != Kind::Seller || self.known.is_some() || looks_like_a_seller(self.account.as_str()) {
            return Ok(true);
        }
        let text = format!("{} does not look like one of Amazon's seller ids", self.account);
        if self.wish.unusual_id {
            self.progress.step(Mark::Note, "seller id", &text)?;
            return Ok(true);
        }
        let trouble = Trouble::own(
            "a seller's id is an A and 9 or more capital letters and digits, such as A3TH9S8BH6GOGM; everything would be \
             booked under a wrong one",
            "copy it from Seller Central: Settings, Account Info, Your Merchant Token. If it is right all the same: \
             --unusual-id",
        );
        self.fail("seller id", &text, &trouble)?;
        self.progress.headline("Nothing was stored.")?;
        Ok(false)
    }

    /// The same authorisation under two ids would book everything twice.
    async fn is_connected_twice(&mut self, proof: &Proof) -> Result<bool, ConnectError> {
        let store = self.stack.secrets();
        let others = Sellers::new(self.stack.dynamodb(), &self.stack.tables.sellers).list().await?;
        for other in others.iter().filter(|other| other.seller_id != self.account) {
            let Ok(credentials) = store.credentials(&other.secret_name).await else { continue };
            if credentials.refresh_token.expose_secret() == proof.refresh_token.value().expose_secret() {
                let trouble = Trouble::own(
                    "everything would be booked a second time under another id",
                    format!("disconnect it first (countinghouse disconnect {}), or give its id", other.seller_id),
                );
                let text = format!("this refresh token is connected already, as {}", other.seller_id);
                self.fail("account", &text, &trouble)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The named flows; or those that are on; or what is usual.
    fn wanted(&self, marketplaces: &[&'static Marketplace]) -> Flows {
        let usual = || Flows {
            settlements: true,
            vat: marketplaces.iter().any(|each| each.has_vat_reports()),
            ..Flows::default()
        };
        let before = self.known.as_ref().map(|known| known.flows).filter(|flows| *flows != Flows::default());
        self.wish.flows.or(before).unwrap_or_else(usual)
    }

    /// Says of each right whether it is there; the flows that work. None where nothing is to be connected.
    fn look_at_rights(&mut self, wanted: Flows, findings: &[Finding]) -> Result<Option<Flows>, ConnectError> {
        // What was named must work; what Amazon could not be asked about may work.
        let is_named = self.wish.kind == Kind::Seller && self.wish.flows.is_some();
        let flows = roles::working(wanted, findings);
        let bad = if is_named { Mark::Failed } else { Mark::Attention };
        for finding in findings {
            let text = format!("{}: {}", finding.right.role(), finding.right.opens());
            match &finding.result {
                Ok(()) => self.progress.step(Mark::Done, "role", &text)?,
                Err(error) if is_passing(error) => self.fail("role", &text, &Trouble::of(error))?,
                Err(_) if is_of_a_vendor(finding.right) && flows.vendor => {
                    self.progress.step(
                        Mark::Note,
                        "role",
                        &format!("{text}: not allowed, and only needed for that"),
                    )?;
                }
                Err(error) => {
                    self.progress.trouble(bad, "role", &text, &Trouble::of_right(error, finding.right))?;
                }
            }
        }
        if !self.progress.has_failed() && flows == Flows::default() {
            let trouble = Trouble::own("none of the roles is there that anything needs", "see above");
            self.fail("account", "nothing would work; nothing is stored", &trouble)?;
        }
        if self.progress.has_failed() {
            self.progress.headline("Nothing was stored.")?;
            return Ok(None);
        }
        Ok(Some(flows))
    }

    /// Stores secrets and account; what is stored so already stays.
    async fn store(&mut self, proof: &Proof, checked: &Checked) -> Result<(), ConnectError> {
        let secret_name =
            self.known.as_ref().map_or_else(|| account_secret_name(&self.account), |known| known.secret_name.clone());
        let seller = self.item(&secret_name, checked);
        let is_same = self.known.as_ref() == Some(&seller);
        if self.wish.common.manner.dry_run {
            for (is_given, name) in [
                (matches!(proof.application, Origin::Given(_)), &self.application_secret),
                (matches!(proof.refresh_token, Origin::Given(_)), &secret_name),
            ] {
                if is_given {
                    self.progress.step(Mark::Would, "secret", &format!("{name}: would be stored"))?;
                }
            }
            let (mark, done) = if is_same { (Mark::Already, "already so") } else { (Mark::Would, "would be written") };
            return Ok(self.progress.step(mark, "account", &format!("{} ({done})", named(checked.flows)))?);
        }
        let stored = proof.store(&self.stack.secrets(), &secret_name, &self.application_secret).await?;
        if stored.application_secret != secret_name {
            say_stored(&mut self.progress, &stored.application_secret, stored.application)?;
        }
        say_stored(&mut self.progress, &secret_name, stored.account)?;
        self.has_changed = !is_same || [stored.application, stored.account].iter().any(|put| *put != Put::Unchanged);
        if !is_same {
            Sellers::new(self.stack.dynamodb(), &self.stack.tables.sellers).put(&seller).await?;
        }
        let (mark, done) = if is_same { (Mark::Already, "already so") } else { (Mark::Done, "written") };
        Ok(self.progress.step(mark, "account", &format!("{} ({done})", named(checked.flows)))?)
    }

    fn item(&self, secret_name: &str, checked: &Checked) -> Seller {
        let known = self.known.as_ref();
        let usual_name = || checked.store_name.clone().unwrap_or_else(|| self.account.to_string());
        let name = self.wish.common.name.clone().or_else(|| known.map(|known| known.name.clone()));
        Seller {
            seller_id: self.account.clone(),
            name: name.unwrap_or_else(usual_name),
            region: checked.region,
            marketplace_ids: checked
                .marketplaces
                .iter()
                .filter_map(|each| each.id.parse::<MarketplaceId>().ok())
                .collect(),
            secret_name: secret_name.to_owned(),
            connected_at: known.map_or_else(now_in_seconds, |known| known.connected_at),
            flows: checked.flows,
        }
    }

    /// Notifications and schedules. What does not succeed here is mended by a second run.
    async fn arrange(&mut self, amazon: &Amazon, proof: &Proof, checked: &Checked) -> Result<(), ConnectError> {
        let dry_run = self.wish.common.manner.dry_run;
        if self.wish.kind == Kind::Seller {
            if let Some(arn) = self.description.outputs.get("NotificationsQueueArn") {
                let application = amazon.application(proof.application()?, checked.region);
                let seller = amazon.seller(self.account.clone(), checked.region);
                let queue = Wanted { arn, name: &self.stack.name, replace: self.wish.replace, dry_run };
                notifications::arrange(&mut self.progress, &application, &seller, &queue).await?;
            } else {
                let text = "the stack has no output NotificationsQueueArn: deploy it again";
                self.progress.step(Mark::Attention, "destination", text)?;
            }
        }
        if self.wish.common.leave_schedules {
            return Ok(self.progress.step(Mark::Note, "schedules", "left as they are")?);
        }
        schedules::switch_on(&mut self.progress, &self.stack, &self.description, checked.flows, dry_run).await
    }

    fn summary(&self, checked: &Checked) -> Result<(), ConnectError> {
        let account = &self.account;
        let text = match (self.wish.common.manner.dry_run, self.progress.needs_attention()) {
            (true, _) => "Nothing was changed: this was a dry run.".to_owned(),
            (false, true) => {
                format!("Connected, but something above needs a person; then: {} --again", self.command())
            }
            (false, false) if self.known.is_some() => self.compared_with_before(checked.flows),
            (false, false) if checked.flows.settlements || checked.flows.vat => format!(
                "{account} is connected. What Amazon has from before: countinghouse backfill --account {account} --help"
            ),
            (false, false) => format!("{account} is connected."),
        };
        Ok(self.progress.headline(&text)?)
    }

    /// Of an account that was connected already.
    fn compared_with_before(&self, now: Flows) -> String {
        let account = &self.account;
        match self.known.as_ref().map(|known| known.flows).filter(|before| *before != now) {
            Some(before) => format!("{account} is connected: now {}; before: {}.", named(now), named(before)),
            None if self.has_changed => format!("{account} is connected, with what was changed above."),
            None => format!("{account} is connected, as it was."),
        }
    }

    fn command(&self) -> String {
        format!("countinghouse connect {} {}", self.wish.kind.name(), self.account)
    }
}

fn looks_like_a_seller(id: &str) -> bool {
    id.starts_with('A') && id.len() >= 10 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The table keeps whole seconds.
fn now_in_seconds() -> jiff::Timestamp {
    let now = SystemClock.now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now)
}

const fn is_of_a_vendor(right: Right) -> bool {
    matches!(right, Right::VendorRetail | Right::VendorDirect)
}

/// Whether Amazon said nothing about the right itself.
fn is_passing(error: &AmazonError) -> bool {
    error.retry_after().is_some()
        || matches!(
            error,
            AmazonError::Unauthorized { .. } | AmazonError::AnswerLost { .. } | AmazonError::Unexpected { .. }
        )
}
