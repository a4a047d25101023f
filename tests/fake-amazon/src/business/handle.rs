//! What tests ask of buyers.

use super::admin;
use super::config::{AddedInvoice, AddedTransaction, BusinessConfig, Purchases};
use super::truth::PurchasesTruth;
use crate::handle::FakeAmazon;
use crate::world::StateError;

impl FakeAmazon {
    /// Makes purchases of a buyer up, and tells the truth about these alone.
    pub fn generate_purchases(&self, seller_id: &str, purchases: &Purchases) -> Result<PurchasesTruth, StateError> {
        let (mut world, now) = self.shared().world_now();
        admin::make(&mut world, seller_id, purchases, now)
    }

    /// The truth about everything that was made up for a buyer. Transactions that were given word for word are not
    /// in it.
    pub fn purchases_truth(&self, seller_id: &str) -> Result<PurchasesTruth, StateError> {
        Ok(self.shared().world().seller(seller_id)?.business.truth.clone())
    }

    /// Adds a transaction, word for word.
    pub fn add_transaction(&self, seller_id: &str, added: AddedTransaction) -> Result<(), StateError> {
        let (mut world, now) = self.shared().world_now();
        world.seller(seller_id)?.business.add_transaction(added, now);
        Ok(())
    }

    /// Adds an invoice of a line item, word for word.
    pub fn add_invoice(&self, seller_id: &str, added: AddedInvoice) -> Result<(), StateError> {
        let (mut world, now) = self.shared().world_now();
        world.seller(seller_id)?.business.add_invoice(added, now);
        Ok(())
    }

    /// Changes how a buyer's purchases are shown: pages, tokens, missing invoices. What is listed in it to be made up
    /// or added is not looked at.
    pub fn set_business(&self, seller_id: &str, settings: BusinessConfig) -> Result<(), StateError> {
        self.shared().world().seller(seller_id)?.config.business = settings;
        Ok(())
    }

    /// Makes a buyer's page tokens too old, and tells how many.
    pub fn expire_pages(&self, seller_id: &str) -> Result<usize, StateError> {
        let (mut world, now) = self.shared().world_now();
        Ok(world.seller(seller_id)?.business.expire_pages(None, now))
    }
}
