//! What is to be connected, as the arguments say it.

use clap::ValueEnum;
use countinghouse_domain::ids::SellerId;
use countinghouse_store::{Flows, application_secret_name};

use super::input::Source;
use super::{Common, ConnectError, OtherArguments, SellerArguments};

/// What the account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sells to Amazon's customers.
    Seller,
    /// Sells to Amazon.
    Vendor,
    /// Buys on Amazon Business.
    Buyer,
}

impl Kind {
    /// For people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Vendor => "vendor",
            Self::Buyer => "buyer",
        }
    }

    /// What an account is that has these flows.
    pub(crate) const fn of(flows: Flows) -> Self {
        match flows {
            Flows { purchases: true, .. } => Self::Buyer,
            Flows { vendor: true, .. } => Self::Vendor,
            Flows { .. } => Self::Seller,
        }
    }
}

/// What can be done for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Flow {
    /// Settlements become payments
    Settlements,
    /// VAT reports become invoices and credit notes
    Vat,
    /// Own invoices are made, numbered and uploaded
    Invoicing,
    /// A vendor's invoices.
    #[value(skip)]
    Vendor,
    /// Purchases on Amazon Business.
    #[value(skip)]
    Purchases,
}

impl Flow {
    /// In the order in which they are named.
    pub(crate) const ALL: [Self; 5] = [Self::Settlements, Self::Vat, Self::Invoicing, Self::Vendor, Self::Purchases];

    /// Its name in the item and in arguments.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Settlements => "settlements",
            Self::Vat => "vat",
            Self::Invoicing => "invoicing",
            Self::Vendor => "vendor",
            Self::Purchases => "purchases",
        }
    }

    /// Whether these flows have it.
    pub(crate) const fn is_in(self, flows: Flows) -> bool {
        match self {
            Self::Settlements => flows.settlements,
            Self::Vat => flows.vat,
            Self::Invoicing => flows.invoicing,
            Self::Vendor => flows.vendor,
            Self::Purchases => flows.purchases,
        }
    }

    /// These flows with it, or without.
    pub(crate) const fn set(self, mut flows: Flows, on: bool) -> Flows {
        match self {
            Self::Settlements => flows.settlements = on,
            Self::Vat => flows.vat = on,
            Self::Invoicing => flows.invoicing = on,
            Self::Vendor => flows.vendor = on,
            Self::Purchases => flows.purchases = on,
        }
        flows
    }
}

/// The flows by their names, for people.
pub(crate) fn named(flows: Flows) -> String {
    let on: Vec<_> = Flow::ALL.into_iter().filter(|flow| flow.is_in(flows)).map(Flow::name).collect();
    if on.is_empty() { "none".to_owned() } else { on.join(", ") }
}

/// What was asked for.
pub(super) struct Wish<'a> {
    pub(super) kind: Kind,
    account: Option<&'a str>,
    /// The flows that were named; none for what is usual.
    pub(super) flows: Option<Flows>,
    pub(super) marketplaces: &'a [String],
    pub(super) replace: bool,
    /// An id that does not look like one of Amazon's is meant so.
    pub(super) unusual_id: bool,
    pub(super) common: &'a Common,
}

impl<'a> Wish<'a> {
    pub(super) fn of_seller(arguments: &'a SellerArguments) -> Self {
        let named = arguments.flows.iter().fold(Flows::default(), |flows, flow| flow.set(flows, true));
        Self {
            kind: Kind::Seller,
            account: arguments.account.as_deref(),
            flows: (!arguments.flows.is_empty()).then_some(named),
            marketplaces: &arguments.marketplaces,
            replace: arguments.replace,
            unusual_id: arguments.unusual_id,
            common: &arguments.common,
        }
    }

    pub(super) fn of_vendor(arguments: &'a OtherArguments) -> Self {
        Self::of_other(Kind::Vendor, Flow::Vendor, arguments)
    }

    pub(super) fn of_buyer(arguments: &'a OtherArguments) -> Self {
        Self::of_other(Kind::Buyer, Flow::Purchases, arguments)
    }

    fn of_other(kind: Kind, flow: Flow, arguments: &'a OtherArguments) -> Self {
        Self {
            kind,
            account: arguments.account.as_deref(),
            flows: Some(flow.set(Flows::default(), true)),
            marketplaces: &[],
            replace: false,
            unusual_id: false,
            common: &arguments.common,
        }
    }

    /// The account's id: an argument, or asked for.
    pub(super) fn account(&self, source: &Source) -> Result<SellerId, ConnectError> {
        let asked = match self.account {
            Some(id) => Some(id.to_owned()),
            None => source.ask(match self.kind {
                Kind::Seller => "Seller id (Seller Central: Settings, Account Info, Your Merchant Token)",
                Kind::Vendor | Kind::Buyer => "A name of your choosing for the account",
            })?,
        };
        let kind = self.kind.name();
        let asked = asked.ok_or_else(|| {
            ConnectError::Argument(format!("which {kind}? Give the id: countinghouse connect {kind} ID"))
        })?;
        account_id(&asked)
    }

    /// The name of the application's secret.
    pub(super) fn application_secret(&self) -> Result<String, ConnectError> {
        application_secret(&self.common.application)
    }
}

/// An account's id, checked.
pub(crate) fn account_id(text: &str) -> Result<SellerId, ConnectError> {
    let wrong = |error: &dyn std::fmt::Display| {
        let shown: String = text.chars().take(60).collect();
        ConnectError::Argument(format!("`{}` cannot be an account's id: {error}", crate::desk::plain(&shown)))
    };
    let id: SellerId = text.trim().parse().map_err(|error| wrong(&error))?;
    // Parts of the names of secrets, of folders in the bucket and of items.
    if id.as_str().contains(['/', '|', '+', '=', ':']) || id.as_str().starts_with('.') || id.as_str() == "application" {
        return Err(wrong(&"only letters, digits, - _ and . are safe in the names of secrets and folders"));
    }
    Ok(id)
}

/// The name of an application's secret.
pub(super) fn application_secret(name: &str) -> Result<String, ConnectError> {
    let is_fine = !name.is_empty()
        && name.len() <= 60
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !is_fine {
        let what = "an application's name is 1 to 60 letters, digits or - _ . signs: a name of your choosing, not its client id";
        return Err(ConnectError::Argument(what.to_owned()));
    }
    Ok(application_secret_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_are_named_in_one_order() {
        let flows = Flows { vat: true, settlements: true, invoicing: true, ..Flows::default() };
        assert_eq!(named(flows), "settlements, vat, invoicing");
        assert_eq!(named(Flows::default()), "none");
    }

    #[test]
    fn an_id_that_would_leave_its_place_in_a_name_is_refused() {
        assert_eq!(account_id(" A3TH9S8BH6GOGM ").unwrap().as_str(), "A3TH9S8BH6GOGM");
        for wrong in ["", "a b", "application", "../x", "application/default", ".hidden"] {
            assert!(account_id(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_client_id_or_a_path_is_no_name_of_an_application() {
        assert_eq!(application_secret("default").unwrap(), "countinghouse/application/default");
        for wrong in ["", "a/b", "two words", &"x".repeat(61)] {
            assert!(application_secret(wrong).is_err(), "{wrong}");
        }
    }
}
