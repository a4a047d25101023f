//! What is written down of each account: does it make sense?

use countinghouse_domain::marketplace::Marketplace;
use countinghouse_store::Seller;

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;

/// The rows of the table of accounts.
pub(super) fn check(patient: &Patient) -> Vec<Finding> {
    if let Some(unanswered) = &patient.no_accounts {
        return vec![Finding::new(Check::Account, "all accounts", unanswered.clone())];
    }
    if patient.accounts.is_empty() {
        let cure = [patient.mend.own("connect application"), patient.mend.own("connect seller")];
        let verdict = Verdict::look("no account is connected, so nothing is done", cure);
        return vec![Finding::new(Check::Account, &patient.stack.tables.sellers, verdict)];
    }
    let about = |account: &Seller| Finding::about(Check::Account, &account.seller_id, one(patient, account));
    patient.accounts.iter().map(about).collect()
}

fn one(patient: &Patient, account: &Seller) -> Verdict {
    let flows = flows(account);
    let cure = || [patient.connect(account, "--again")];
    if flows.is_empty() {
        return Verdict::look(format!("{}: connected for nothing", account.name), cure());
    }
    let asks_by_marketplace = account.flows.vat || account.flows.invoicing;
    if asks_by_marketplace && account.marketplace_ids.is_empty() {
        return Verdict::broken(
            format!("{}: no marketplaces are written down, so no report is asked for", account.name),
            cure(),
        );
    }
    for marketplace in &account.marketplace_ids {
        let elsewhere = Marketplace::by_id(marketplace).filter(|known| known.region != account.region);
        if let Some(known) = elsewhere {
            return Verdict::broken(
                format!(
                    "{}: the marketplace {marketplace} ({}) belongs to the region {}, the account is in {}",
                    account.name, known.country, known.region, account.region
                ),
                cure(),
            );
        }
    }
    let marketplaces: Vec<_> = account
        .marketplace_ids
        .iter()
        .map(|id| Marketplace::by_id(id).map_or_else(|| id.to_string(), |known| known.country.to_owned()))
        .collect();
    let places = if marketplaces.is_empty() { String::new() } else { format!(" ({})", marketplaces.join(" ")) };
    Verdict::fine(format!("{}: {} in {}{places}", account.name, flows.join(", "), account.region))
}

/// What is done for an account.
fn flows(account: &Seller) -> Vec<&'static str> {
    let flows = account.flows;
    [
        ("vat", flows.vat),
        ("settlements", flows.settlements),
        ("vendor", flows.vendor),
        ("purchases", flows.purchases),
        ("invoicing", flows.invoicing),
    ]
    .into_iter()
    .filter(|(_, is_on)| *is_on)
    .map(|(name, _)| name)
    .collect()
}
