//! What tests ask of feeds and own invoices.

use bytes::Bytes;

use super::config::{FeedOutcome, FeedSettings};
use super::vidr::VatDocument;
use super::{FeedRecord, Shipments, admin};
use crate::handle::FakeAmazon;
use crate::scenario::VidrRows;
use crate::world::StateError;

impl FakeAmazon {
    /// Adds rows of the VAT invoice data report, and tells how many.
    pub fn add_vidr_rows(&self, seller_id: &str, rows: &VidrRows) -> Result<usize, StateError> {
        let (mut world, now) = self.shared().world_now();
        world.add_vidr_rows(seller_id, rows, now)
    }

    /// Makes shipments up, with rows of the VAT invoice data report, and tells how many rows.
    pub fn generate_shipments(&self, seller_id: &str, wish: &Shipments) -> Result<usize, StateError> {
        let (mut world, now) = self.shared().world_now();
        world.add_shipments(seller_id, wish, now)
    }

    /// The documents that are or were due, with their statuses: one for each shipment, refund and return.
    pub fn vat_documents(&self, seller_id: &str) -> Result<Vec<VatDocument>, StateError> {
        let (mut world, now) = self.shared().world_now();
        admin::document_list(&mut world, seller_id, now)
    }

    /// All feeds that were made.
    pub fn feeds(&self, seller_id: Option<&str>) -> Vec<FeedRecord> {
        let (mut world, now) = self.shared().world_now();
        world.tick(now);
        admin::feed_list(&world, seller_id, now)
    }

    /// What was uploaded for a feed.
    pub fn uploaded(&self, seller_id: &str, feed_id: &str) -> Option<Bytes> {
        admin::upload_of(&self.shared().world(), seller_id, feed_id)
    }

    /// Says what the next feeds become.
    pub fn add_feed_outcome(&self, outcome: FeedOutcome) {
        self.shared().world().settings.feed_outcomes.push(outcome);
    }

    /// Changes how feeds are treated.
    pub fn set_feeds(&self, settings: FeedSettings) {
        self.shared().world().settings.feeds = settings;
    }
}
