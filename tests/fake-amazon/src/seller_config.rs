//! An account as a scenario gives it: who it is, and what Amazon has about it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{Kind, Role};
use crate::business::BusinessConfig;
use crate::content::Content;
use crate::feeds::Shipments;
use crate::marketplaces::Region;
use crate::scenario::Secret;
use crate::vendor::VendorConfig;

/// One account: who they are, what they authorised, and what Amazon has about them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SellerConfig {
    /// What the account does at Amazon.
    pub kind: Kind,
    /// The roles of the application for this account; all that its kind knows if not given.
    pub roles: Option<Vec<Role>>,
    /// The seller's id at Amazon; of a vendor or a buyer, any name.
    pub seller_id: String,
    /// The application that the seller authorised. Several sellers may have the same.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Secret,
    /// What the seller's authorisation gave.
    pub refresh_token: Secret,
    /// Where the seller sells: the endpoint that takes their calls.
    pub region: Region,
    /// The marketplaces of the seller.
    pub marketplace_ids: Vec<String>,
    /// The name of the shop.
    pub store_name: String,
    /// Report types for which the application has no role: 403.
    pub forbidden_report_types: Vec<String>,
    /// The seller took the authorisation back: the refresh token is an `invalid_grant`.
    pub revoked: bool,
    /// Settlements that Amazon closes by itself.
    pub settlements: Vec<SettlementConfig>,
    /// Rows of `SC_VAT_TAX_REPORT`: a report has those in its window.
    pub vat_rows: Vec<VatRows>,
    /// Rows of the VAT invoice data report, whose statuses change as invoices are uploaded.
    pub vidr_rows: Vec<VidrRows>,
    /// Rows of that report that are made up.
    pub shipments: Vec<Shipments>,
    /// The seller has not chosen, in the calculation service, to upload own invoices: every upload is refused.
    pub no_own_invoices: bool,
    /// What a requested report of another type holds.
    pub requested: BTreeMap<String, Content>,
    /// How a vendor's invoices are treated.
    pub vendor: VendorConfig,
    /// What a buyer bought.
    pub business: BusinessConfig,
}

impl SellerConfig {
    /// An invented seller in Europe.
    pub fn example_eu() -> Self {
        Self {
            seller_id: "A1EXAMPLEEU001".to_owned(),
            client_id: "amzn1.application-oa2-client.example".to_owned(),
            client_secret: Secret::new("amzn1.oa2-cs.v1.example"),
            refresh_token: Secret::new("Atzr|example-eu"),
            region: Region::Eu,
            marketplace_ids: ["A1PA6795UKMFR9", "A13V1IB3VIYZZH", "A1F83G8C2ARO7P"].map(str::to_owned).to_vec(),
            store_name: "Example Store Europe".to_owned(),
            ..Self::default()
        }
    }

    /// An invented vendor in Europe.
    pub fn example_vendor() -> Self {
        Self {
            kind: Kind::Vendor,
            seller_id: "example-vendor".to_owned(),
            refresh_token: Secret::new("Atzr|example-vendor"),
            marketplace_ids: vec!["A1PA6795UKMFR9".to_owned()],
            store_name: "Example Vendor".to_owned(),
            ..Self::example_eu()
        }
    }

    /// An invented company in Europe that buys on Amazon Business.
    pub fn example_buyer() -> Self {
        Self {
            kind: Kind::Business,
            seller_id: "example-buyer".to_owned(),
            refresh_token: Secret::new("Atzr|example-buyer"),
            marketplace_ids: vec!["A1PA6795UKMFR9".to_owned()],
            store_name: "Example Holding".to_owned(),
            ..Self::example_eu()
        }
    }

    /// Whether the application has a role for this account.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.as_deref().unwrap_or_else(|| self.kind.all_roles()).contains(&role)
    }

    /// An invented seller in the United States.
    pub fn example_us() -> Self {
        Self {
            seller_id: "A2EXAMPLEUS002".to_owned(),
            refresh_token: Secret::new("Atzr|example-us"),
            region: Region::Na,
            marketplace_ids: vec!["ATVPDKIKX0DER".to_owned()],
            store_name: "Example Store US".to_owned(),
            ..Self::example_eu()
        }
    }
}

/// A settlement, or any other report that Amazon makes without being asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SettlementConfig {
    /// `GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2` if not given.
    pub report_type: Option<String>,
    /// The file.
    pub content: Content,
    /// When it closes, in milliseconds after the server's start or the admin call.
    pub close_after_ms: i64,
    /// All of the seller's if empty.
    pub marketplace_ids: Vec<String>,
    /// Where the settlement starts, as getReport tells it.
    pub data_start_time: Option<Timestamp>,
    /// Where the settlement ends, as getReport tells it.
    pub data_end_time: Option<Timestamp>,
}

impl SettlementConfig {
    /// A settlement that closes at once.
    pub fn closed(content: Content) -> Self {
        Self { content, ..Self::default() }
    }
}

/// Rows of the VAT report.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VatRows {
    /// A CSV with its header.
    pub content: Content,
    /// Amazon learns of them so many milliseconds after the server's start or the admin call.
    pub available_after_ms: i64,
}

/// Rows of the VAT invoice data report.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VidrRows {
    /// Text with tabs and its header, in UTF-8. What `invoice-status`, `invoice-status-description` and
    /// `invoice-number` say is the start: uploads change them.
    pub content: Content,
    /// Amazon learns of them so many milliseconds after the server's start or the admin call.
    pub available_after_ms: i64,
}
