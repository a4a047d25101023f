//! The fields and values of both APIs, each with Amazon's exact name in either.
//!
//! One type serves both APIs, for they say the same in other words: `postalOrZipCode` here is `postalCode` there.
//! Each field is declared once, with its name, and whether it is required, in retail procurement and in direct
//! fulfillment; reading, writing and the search for unknown fields all come from that declaration. Every field is
//! optional in the types, because an invoice with faults is checked to its end; an accepted one has what is required.

mod document;
mod fields;
mod kinds;
mod number;
mod party;
mod text;

use serde_json::Value;

pub use document::{
    AdditionalDetails, Adjustment, AllowanceDetails, ChargeDetails, CreditNoteDetails, InvoiceFields, InvoiceItem,
    PaymentTerms, TaxDetails, TotalWeight,
};
pub use document::{ItemQuantity, MoneyFields};
pub use kinds::{
    AdditionalDetailType, AllowanceType, ChargeType, InvoiceType, PaymentTermsType, TaxRegistrationType, TaxType,
    WeightUnit,
};
pub use party::{Address, PartyIdentification, TaxRegistrationDetails};
pub use text::{Country, DateTime, ItemSequence, UnitOfMeasure};

use crate::api::Api;
use crate::form::Form;
use crate::node::Node;

/// A field in one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The API does not have it.
    Absent,
    /// The model allows it.
    May(&'static str),
    /// The model requires it.
    Must(&'static str),
}

/// A field in both APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) retail: Field,
    pub(crate) direct: Field,
}

impl Presence {
    const fn of(self, api: Api) -> Field {
        match api {
            Api::Retail => self.retail,
            Api::DirectFulfillment => self.direct,
        }
    }

    /// Its name, where the API has it.
    pub(crate) const fn name(self, api: Api) -> Option<&'static str> {
        match self.of(api) {
            Field::Absent => None,
            Field::May(name) | Field::Must(name) => Some(name),
        }
    }

    /// Whether this is its name in any of the APIs.
    pub(crate) fn any_name(self, name: &str) -> bool {
        Api::ALL.iter().any(|api| self.name(*api) == Some(name))
    }

    /// Whether the API requires it.
    pub(crate) const fn required(self, api: Api) -> bool {
        matches!(self.of(api), Field::Must(_))
    }
}

/// How a value is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// The API whose names are used.
    pub(crate) api: Api,
    /// Whether equal values are written alike, as for a fingerprint, rather than as they were received.
    pub(crate) canonical: bool,
}

/// A value of the model.
pub(crate) trait Wire: Sized {
    /// What is expected where it is missing.
    const EXPECTED: &'static str = "a value";

    /// Reads it; what is wrong with it is noted in the form.
    fn read(node: &Node, form: &mut Form) -> Option<Self>;

    /// Writes it for Amazon.
    fn write(&self, style: Style) -> Value;
}
