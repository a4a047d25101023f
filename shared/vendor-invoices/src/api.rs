//! Amazon's two APIs that take a vendor's invoices.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::node::Node;

/// Which of Amazon's two APIs an invoice is for. They are told apart by the names of the invoice's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Api {
    /// Retail procurement, `POST /vendor/payments/v1/invoices`: the vendor sells to Amazon.
    #[default]
    Retail,
    /// Direct fulfillment, `POST /vendor/directFulfillment/payments/v1/invoices`: the vendor ships to the customer.
    DirectFulfillment,
}

/// Fields that only an invoice of retail procurement has.
const RETAIL_ONLY: &[&str] =
    &["invoiceType", "id", "date", "shipToParty", "paymentTerms", "taxDetails", "allowanceDetails"];

/// Fields that only an invoice of direct fulfillment has.
const DIRECT_ONLY: &[&str] = &["invoiceNumber", "invoiceDate", "shipToCountryCode", "paymentTermsCode", "taxTotals"];

impl Api {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Retail, Self::DirectFulfillment];

    /// The name for people and machines: `retail` or `direct-fulfillment`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retail => "retail",
            Self::DirectFulfillment => "direct-fulfillment",
        }
    }

    /// Tells the API by the fields that only one of the two has; more of them win, and none of them is retail.
    pub(crate) fn told_by(invoice: &Node) -> Self {
        let count = |names: &[&str]| names.iter().filter(|name| invoice.get(name).is_some()).count();
        if count(DIRECT_ONLY) > count(RETAIL_ONLY) { Self::DirectFulfillment } else { Self::Retail }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Api {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(names: &[&str]) -> Node {
        Node::Object(names.iter().map(|name| ((*name).to_owned(), Node::Null)).collect())
    }

    #[test]
    fn an_invoice_is_told_by_the_fields_of_one_api() {
        assert_eq!(Api::told_by(&object(&["id", "date", "items"])), Api::Retail);
        assert_eq!(Api::told_by(&object(&["invoiceNumber", "invoiceDate", "items"])), Api::DirectFulfillment);
    }

    #[test]
    fn one_misplaced_field_does_not_change_the_api() {
        assert_eq!(Api::told_by(&object(&["id", "date", "taxTotals"])), Api::Retail);
        assert_eq!(Api::told_by(&object(&["invoiceNumber", "taxTotals", "id"])), Api::DirectFulfillment);
    }
}
