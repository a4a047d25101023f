//! What a person does next with an invoice, by where it stands.

use countinghouse_domain::vendor::InvoiceStatus;

/// In a sentence.
pub(super) const fn after(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Rejected => "mend what is wrong and hand it in again; its id is still free",
        InvoiceStatus::Claimed => "nothing: it is sent as soon as Amazon's rate allows",
        InvoiceStatus::Sending => "nothing: it is being sent",
        InvoiceStatus::Submitted | InvoiceStatus::Processing => "nothing: Amazon is asked what became of it",
        InvoiceStatus::PresumedAcceptedUnverified => {
            "nothing needed: Amazon took it and says no more; Vendor Central shows it for certain"
        }
        InvoiceStatus::Accepted => "nothing: it has come to its end",
        InvoiceStatus::Failed => "mend it and hand it in with vendor submit --resubmit",
        InvoiceStatus::AnswerLost => {
            "look for it in Vendor Central, then vendor resolve with --accepted or --not-received"
        }
    }
}

/// What to do with one that was refused, for another invoice has its id and stands here.
pub(super) fn after_refusal(other: InvoiceStatus) -> String {
    if other == InvoiceStatus::Failed {
        return "hand it in with vendor submit --resubmit, if it is to replace the failed one".to_owned();
    }
    format!("give it an id of its own: another invoice has this one and is {other}")
}
