//! The server as a value: for tests that run it in their own process.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::account::Role;
use crate::application::ApplicationConfig;
use crate::delivery::{ForeignNotification, SentNotification};
use crate::faults::Fault;
use crate::marketplaces::Region;
use crate::operations::Operation;
use crate::rates::RateSettings;
use crate::scenario::{
    Delays, NotificationSettings, Outcome, Scenario, Secret, SellerConfig, SettlementConfig, VatRows,
};
use crate::server::{Shared, serve};
use crate::world::{CallRecord, StateError};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be used.
    #[error("127.0.0.1:{port} cannot be listened on")]
    Listen {
        /// The port.
        port: u16,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The scenario cannot be played.
    #[error("the scenario cannot be played")]
    State(#[from] StateError),
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct FakeAmazon {
    base_url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl FakeAmazon {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(scenario: Scenario) -> Result<Self, StartError> {
        Self::start_on(0, scenario).await
    }

    /// Starts on a port of 127.0.0.1; 0 takes a free one.
    pub async fn start_on(port: u16, scenario: Scenario) -> Result<Self, StartError> {
        let failed = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(failed)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let shared = Arc::new(Shared::new(scenario, &base_url)?);
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { base_url, shared, task })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// `http://127.0.0.1:PORT`: the endpoint of the API for sellers of every region.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The endpoint of one region: a seller of another region is refused there.
    pub fn region_url(&self, region: Region) -> String {
        format!("{}/{}", self.base_url, region.as_str())
    }

    /// The endpoint of the static sandbox, if the scenario names its cases.
    pub fn sandbox_url(&self) -> String {
        format!("{}/sandbox", self.base_url)
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/auth/o2/token", self.base_url)
    }

    /// The present instant of the server's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Moves the clock, and comes back when everything that became due has been sent.
    pub async fn advance_ms(&self, by_ms: i64) {
        self.shared.clock.advance_ms(by_ms);
        self.shared.deliver_due().await;
        self.shared.wake.notify_one();
    }

    /// Puts everything back to the start of the scenario; the clock stays where it is.
    pub fn reset(&self) -> Result<(), StateError> {
        self.shared.reset()?;
        self.shared.wake.notify_one();
        Ok(())
    }

    /// Adds a seller.
    pub fn add_seller(&self, seller: SellerConfig) -> Result<(), StateError> {
        let (mut world, now) = self.shared.world_now();
        world.add_seller(seller, now)?;
        self.shared.wake.notify_one();
        Ok(())
    }

    /// Closes a settlement, and gives the id of its report.
    pub fn close_settlement(&self, seller_id: &str, settlement: SettlementConfig) -> Result<String, StateError> {
        let (mut world, now) = self.shared.world_now();
        let report_id = world.close_settlement(seller_id, settlement, now);
        self.shared.wake.notify_one();
        report_id
    }

    /// Adds rows of the VAT report, and tells how many.
    pub fn add_vat_rows(&self, seller_id: &str, rows: &VatRows) -> Result<usize, StateError> {
        let (mut world, now) = self.shared.world_now();
        world.add_vat_rows(seller_id, rows, now)
    }

    /// Says what the next requested reports become.
    pub fn add_outcome(&self, outcome: Outcome) -> Result<(), StateError> {
        self.shared.world().add_outcome(outcome)
    }

    /// Switches a fault on.
    pub fn add_fault(&self, fault: Fault) -> Result<(), StateError> {
        self.shared.world().add_fault(fault)
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear();
    }

    /// Faults that have not happened yet.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.world().faults.active().to_vec()
    }

    /// Takes a seller's authorisation back, or gives it again.
    pub fn set_revoked(&self, seller_id: &str, revoked: bool) -> Result<(), StateError> {
        self.shared.world().seller(seller_id)?.config.revoked = revoked;
        Ok(())
    }

    /// Changes the roles that the application has for an account.
    pub fn set_roles(&self, seller_id: &str, roles: Vec<Role>) -> Result<(), StateError> {
        self.shared.world().seller(seller_id)?.config.roles = Some(roles);
        Ok(())
    }

    /// Changes what the developer console has about an application: its queue for secrets, and when its secret expires.
    pub fn set_application(&self, application: ApplicationConfig) {
        self.shared.world().applications.set(application);
    }

    /// The present secret of an account's application.
    pub fn client_secret(&self, seller_id: &str) -> Result<Secret, StateError> {
        Ok(self.shared.world().seller(seller_id)?.config.client_secret.clone())
    }

    /// Amazon warns that an application's secret will expire; comes back when the message is in the queue.
    pub async fn warn_of_secret_expiry(&self, client_id: &str) -> Result<(), StateError> {
        {
            let (mut world, now) = self.shared.world_now();
            world.warn_of_expiry(client_id, now)?;
        }
        self.shared.deliver_due().await;
        Ok(())
    }

    /// The destinations that applications have: each one's id and queue.
    pub fn destinations(&self) -> Vec<(String, Option<String>)> {
        let world = self.shared.world();
        world.destinations.iter().map(|known| (known.id.clone(), known.sqs_arn().map(str::to_owned))).collect()
    }

    /// The subscriptions of an account: each one's type and destination.
    pub fn subscriptions(&self, seller_id: &str) -> Result<Vec<(String, String)>, StateError> {
        let mut world = self.shared.world();
        let known = world.seller(seller_id)?.subscriptions.iter();
        Ok(known.map(|known| (known.notification_type.clone(), known.destination_id.clone())).collect())
    }

    /// Changes how long reports take.
    pub fn set_delays(&self, delays: Delays) {
        self.shared.world().settings.delays = delays;
    }

    /// Changes how hard callers are limited; all buckets are full again.
    pub fn set_rates(&self, rates: RateSettings) {
        let mut world = self.shared.world();
        world.settings.rates = rates;
        world.buckets.clear();
    }

    /// Changes where and how notifications go.
    pub fn set_notifications(&self, settings: NotificationSettings) {
        self.shared.world().settings.notifications = settings;
        self.shared.wake.notify_one();
    }

    /// Sends a notification by hand, and comes back when it is in the queue (if it is due now).
    pub async fn send_notification(&self, wish: &ForeignNotification) {
        {
            let (mut world, now) = self.shared.world_now();
            world.send_foreign(wish, now);
        }
        self.shared.deliver_due().await;
    }

    /// Sends what is due and comes back when it is sent.
    pub async fn deliver_due(&self) {
        self.shared.deliver_due().await;
    }

    /// Notifications that were sent, or could not be.
    pub fn notifications(&self) -> Vec<SentNotification> {
        self.shared.world().outbox.sent.clone()
    }

    /// Makes access tokens too old: a seller's, or everyone's.
    pub fn expire_tokens(&self, seller_id: Option<&str>) -> usize {
        let (mut world, now) = self.shared.world_now();
        world.expire_tokens(seller_id, now)
    }

    /// Makes the URLs of documents too old: a seller's, or everyone's.
    pub fn expire_urls(&self, seller_id: Option<&str>) -> usize {
        let (mut world, now) = self.shared.world_now();
        world.expire_urls(seller_id, now)
    }

    /// All reports as getReport shows them, each with its `sellerId`.
    pub fn reports(&self, seller_id: Option<&str>) -> Vec<Value> {
        let (mut world, now) = self.shared.world_now();
        world.tick(now);
        crate::admin::report_list(&world, seller_id, now)
    }

    /// The calls that were made.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.shared.world().calls.clone()
    }

    /// How many calls of an operation were made.
    pub fn count(&self, operation: Operation) -> usize {
        self.shared.world().calls.iter().filter(|call| call.operation == operation).count()
    }

    /// Stops the server and closes its connections.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // The task was told to end; that it did is all there is to know.
        let _ = (&mut self.task).await;
    }

    /// Runs until the server ends by itself, which it does not.
    pub async fn wait(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for FakeAmazon {
    fn drop(&mut self) {
        self.task.abort();
    }
}
