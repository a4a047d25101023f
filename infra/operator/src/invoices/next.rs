//! What happens next with a document, and what a person does about it, in a sentence.

use countinghouse_domain::document::DocumentKind;
use countinghouse_store::StoredOwnInvoice;
use countinghouse_vat_invoices::errors::Next;
use countinghouse_vat_invoices::state::{MOST_UPLOADS, State};
use jiff::{SignedDuration, Timestamp};

/// From when on a document that is not at Amazon is late. Amazon wants it within 24 hours of the dispatch.
const LATE: SignedDuration = SignedDuration::from_hours(20);

/// Whether it has been due for so long that a person should know.
pub(super) fn is_late(invoice: &StoredOwnInvoice, now: Timestamp) -> bool {
    let is_here = matches!(invoice.standing.state, State::Due | State::Issued | State::Uploading | State::Rejected);
    is_here && now.duration_since(invoice.due_since) > LATE
}

/// What happens next by itself in a state.
pub(super) const fn in_general(state: State) -> &'static str {
    match state {
        State::Due => "gets its number and is made",
        State::Issued => "is uploaded as soon as Amazon's rate allows",
        State::Uploading => "is on its way; the next report says whether Amazon has it",
        State::Processing => "Amazon is reading it; the next report says what became of it",
        State::Rejected => "goes out again under its number after the next report",
        State::NeedsPerson => "waits for a person",
        State::Accepted => "nothing: Amazon shows it to the customer",
        State::Cancelled => "nothing: it is void, and its number stays with it",
    }
}

/// Whether making or uploading it again may help. It does not where Amazon issues the document itself, and where no report
/// has said what it is made of.
pub(crate) fn is_worth_a_try(invoice: &StoredOwnInvoice) -> bool {
    let is_amazons = invoice.amazons_status.ends_with("CreatedByAmazon")
        || invoice.standing.refusal.as_ref().is_some_and(|refusal| refusal.known().next == Next::Cancel);
    !is_amazons && (invoice.made.is_some() || invoice.due.is_some())
}

/// What happens next with this document, and what a person does.
pub(super) fn after(invoice: &StoredOwnInvoice) -> String {
    let standing = &invoice.standing;
    if standing.state != State::NeedsPerson {
        return in_general(standing.state).to_owned();
    }
    let name = invoice.numbering.as_ref().map_or(invoice.key.as_str(), |numbering| numbering.number.as_str());
    let again = format!("countinghouse invoices try-again \"{name}\" --account {}", invoice.seller);
    if invoice.amazons_status == "NoTaxCalculated" {
        let kind = match invoice.kind {
            DocumentKind::Invoice => "an invoice",
            DocumentKind::CreditNote => "a credit note",
        };
        return format!(
            "Amazon calculated no VAT: enter the missing VAT number in Seller Central, or upload {kind} of your own there; \
             the next report then says so"
        );
    }
    let cancel = format!("countinghouse invoices cancel \"{name}\" --account {} --reason TEXT", invoice.seller);
    if invoice.amazons_status.ends_with("CreatedByAmazon") {
        return format!("Amazon issues the document itself, so ours has to be void: {cancel}");
    }
    let Some(refusal) = &standing.refusal else {
        if invoice.made.is_some() {
            return format!("Amazon has read an upload and still expects the document. Upload it once more: {again}");
        }
        return format!("take away what the note says; the next report tries by itself, or at once: {again}");
    };
    let cure = refusal.known().cure;
    match refusal.known().next {
        Next::Cancel => format!("{cure}: {cancel}"),
        Next::UploadLater | Next::MakeAgain if standing.uploads >= MOST_UPLOADS => {
            format!("refused {} times in a row: {cure}. Then: {again}", standing.uploads)
        }
        Next::UploadLater | Next::MakeAgain | Next::Program | Next::SellerSetup | Next::Person => {
            format!("{cure}. Then: {again}")
        }
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::money::Money;
    use countinghouse_vat_invoices::errors::ERRORS;
    use countinghouse_vat_invoices::state::{Refusal, Standing};

    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600).unwrap()
    }

    fn waiting(refusal: Option<Refusal>, amazons_status: &str) -> StoredOwnInvoice {
        let total = Money::new("49.90".parse().unwrap(), "EUR".parse().unwrap());
        StoredOwnInvoice {
            seller: "A1".parse().unwrap(),
            key: "shipment 1".to_owned(),
            kind: DocumentKind::Invoice,
            order_id: "302-1".to_owned(),
            shipping_id: "1".to_owned(),
            transaction_id: "1".to_owned(),
            marketplace: "DE".to_owned(),
            total,
            total_vat: total,
            standing: Standing { state: State::NeedsPerson, since: at(1), uploads: 1, refusal },
            due_since: at(0),
            amazons_status: amazons_status.to_owned(),
            reported_at: at(0),
            due: None,
            numbering: None,
            made: None,
            feed: None,
            made_elsewhere: None,
            note: None,
            history: Vec::new(),
            next_check_at: None,
        }
    }

    #[test]
    fn whatever_needs_a_person_is_told_with_a_command_that_helps() {
        for error in &ERRORS {
            let refusal = Refusal { code: error.code, message: error.name.to_owned() };
            let known = refusal.known();
            let text = after(&waiting(Some(refusal), "InvoiceRejected"));
            let command = if known.next == Next::Cancel { "invoices cancel" } else { "invoices try-again" };
            assert!(text.contains(known.cure) && text.contains(command), "{}: {text}", error.name);
        }
        let said = |status| after(&waiting(None, status));
        assert!(said("InvoicePending").contains("try-again"));
        assert!(said("InvoiceCreatedByAmazon").contains("invoices cancel"));
        assert!(said("NoTaxCalculated").contains("Seller Central"));
    }

    #[test]
    fn what_amazon_issues_or_has_no_vat_is_not_tried_again() {
        let due = countinghouse_store::ObjectVersion { key: "due".to_owned(), version: None, sha256: String::new() };
        let with_due = |refusal, status| StoredOwnInvoice { due: Some(due.clone()), ..waiting(refusal, status) };
        let refusal = |code| Some(Refusal { code: Some(code), message: String::new() });
        assert!(is_worth_a_try(&with_due(None, "InvoicePending")));
        assert!(is_worth_a_try(&with_due(refusal(79_509), "InvoicePending")));
        assert!(!is_worth_a_try(&with_due(refusal(79_525), "InvoicePending")));
        assert!(!is_worth_a_try(&with_due(None, "InvoiceCreatedByAmazon")));
        assert!(!is_worth_a_try(&waiting(None, "NoTaxCalculated")));
    }

    #[test]
    fn what_is_not_at_amazon_after_20_hours_is_late() {
        let mut invoice = waiting(None, "InvoicePending");
        assert!(!is_late(&invoice, at(40)), "it has an alarm of its own");
        for (state, late) in [(State::Due, true), (State::Rejected, true), (State::Processing, false)] {
            invoice.standing.state = state;
            assert_eq!((is_late(&invoice, at(20)), is_late(&invoice, at(21))), (false, late), "{state}");
        }
    }
}
