//! What tests ask of vendors.

use super::{VendorOutcome, VendorSubmission, admin};
use crate::handle::FakeAmazon;
use crate::world::StateError;

impl FakeAmazon {
    /// Every invoice that was taken in, as often as it came; of one vendor, or of all.
    pub fn vendor_submissions(&self, seller_id: Option<&str>) -> Vec<VendorSubmission> {
        let filter = admin::Filter { seller_id: seller_id.map(str::to_owned), invoice_id: None };
        admin::list(&self.shared().world(), &filter)
    }

    /// Says what becomes of an invoice of a vendor, or (without its number) of every one that is not listed.
    pub fn set_vendor_outcome(
        &self,
        seller_id: &str,
        invoice_id: Option<&str>,
        outcome: VendorOutcome,
    ) -> Result<(), StateError> {
        admin::set(&mut self.shared().world(), seller_id, invoice_id, outcome)
    }
}
