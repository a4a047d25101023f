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
    let Some(refusal) = &standing.refusal else {
        return format!("take away what the note says; the next report tries by itself, or at once: {again}");
    };
    let cure = refusal.known().cure;
    match refusal.known().next {
        Next::Cancel => {
            format!("{cure}: countinghouse invoices cancel \"{name}\" --account {} --reason TEXT", invoice.seller)
        }
        Next::UploadLater | Next::MakeAgain if standing.uploads >= MOST_UPLOADS => {
            format!("refused {} times in a row: {cure}. Then: {again}", standing.uploads)
        }
        Next::UploadLater | Next::MakeAgain | Next::Program | Next::SellerSetup | Next::Person => {
            format!("{cure}. Then: {again}")
        }
    }
}
