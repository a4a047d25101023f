//! What would be removed, and what stays.

use super::plan::{Plan, counted};
use crate::desk;

/// A table of everything that is to be removed, by place and name.
pub(super) fn plans(plans: &[Plan]) -> String {
    let mut rows = Vec::new();
    for plan in plans {
        let items = plan.items.iter().map(|item| ("table", item));
        for (kind, item) in items.chain(plan.objects.iter().map(|object| ("bucket", object))) {
            rows.push([
                kind.to_owned(),
                item.place.clone(),
                item.attributes.join(", "),
                item.attributes.len().to_string(),
            ]);
        }
    }
    if rows.is_empty() {
        let waits = plans.iter().any(|plan| !plan.on_their_way.is_empty());
        return if waits {
            "What is personal of this order is still needed; it is said below for what.\n".to_owned()
        } else {
            "Nothing personal of this order is stored in a table, or as a file of its own.\n".to_owned()
        };
    }
    desk::table(["in", "what", "personal attributes", "count"], 3..4, rows)
}

/// What a person should know besides.
pub(super) fn notes(plans: &[Plan]) -> Vec<String> {
    let mut notes = Vec::new();
    if !plans.iter().any(|plan| plan.is_known) {
        notes.push("No account has anything of this order.".to_owned());
    }
    for plan in plans {
        let account = &plan.account;
        if let Some(at) = plan.forgotten_at {
            notes.push(format!("{account}: the order was forgotten on {}.", desk::day(at)));
        }
        if !plan.shared_with.is_empty() {
            notes.push(format!(
                "{account}: what is personal about its purchases is shared with {}: {}.",
                counted(plan.shared_with.len(), "other order"),
                plan.shared_with.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
            ));
        }
        for waiting in &plan.on_their_way {
            notes.push(format!(
                "{account}: own invoice {waiting}: it is on its way to Amazon and needs the buyer's name; run this again once it \
                 is accepted."
            ));
        }
        if !plan.issued.is_empty() {
            notes.push(format!(
                "{account}: {} stays, as tax law demands; --also-invoices removes it:\n  {}",
                counted(plan.issued.len(), "issued file"),
                plan.issued.join("\n  ")
            ));
        }
        if plan.reports > 0 {
            let until =
                plan.reports_until.map_or_else(|| "by their own rule".to_owned(), |at| format!("by {}", desk::day(at)));
            notes.push(format!(
                "{account}: {} in the bucket may name this buyer among others, and {} deleted {until}.",
                counted(plan.reports, "raw report"),
                if plan.reports == 1 { "is" } else { "are" }
            ));
        }
    }
    notes
}
