//! What an account is, and which roles its application has.

use serde::{Deserialize, Serialize};

/// What an account does at Amazon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Sells to Amazon's customers.
    #[default]
    Seller,
    /// Sells to Amazon.
    Vendor,
    /// Buys on Amazon Business.
    Business,
}

/// A role of an application: without it, the operations that need it are a 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Settlements, and the marketplaces that a seller takes part in.
    #[serde(rename = "Finance and Accounting")]
    FinanceAndAccounting,
    /// `SC_VAT_TAX_REPORT` and the restricted data token for its document; the role for tax invoicing will do, too.
    #[serde(rename = "Tax Remittance")]
    TaxRemittance,
    /// submitInvoices and getTransaction.
    #[serde(rename = "Vendor Retail Procurement Invoices")]
    VendorRetailProcurementInvoices,
    /// submitInvoice and getTransactionStatus.
    #[serde(rename = "Direct to Consumer Shipping")]
    DirectToConsumerShipping,
    /// getTransactions and getInvoiceDetailsByOrderLineItems.
    #[serde(rename = "Business Purchase Reconciliation")]
    BusinessPurchaseReconciliation,
    /// Feeds of the type `UPLOAD_VAT_INVOICE`, and the VAT invoice data report.
    #[serde(rename = "Tax Invoicing")]
    TaxInvoicing,
}

impl Kind {
    /// The roles that an account of this kind has if the scenario names none.
    pub(crate) fn all_roles(self) -> &'static [Role] {
        match self {
            Self::Seller => &[Role::FinanceAndAccounting, Role::TaxRemittance, Role::TaxInvoicing],
            Self::Vendor => &[Role::VendorRetailProcurementInvoices, Role::DirectToConsumerShipping],
            Self::Business => &[Role::BusinessPurchaseReconciliation],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_amazons_names() {
        let role: Role = serde_json::from_str("\"Direct to Consumer Shipping\"").unwrap();
        assert!(Kind::Vendor.all_roles().contains(&role));
        assert!(!Kind::Business.all_roles().contains(&role));
    }
}
