//! The invoice that a credit note or a correction refers to: its number must stand on the document.

use std::time::Duration;

use countinghouse_domain::ids::SellerId;
use countinghouse_store::{OriginalInvoice, OwnInvoices, StoreError};
use countinghouse_vat_invoices::document::DueDocument;

/// How long each wait for the original's number is. It is in the same report as a rule, and issued within minutes.
const WAITS: [Duration; 4] =
    [Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(15), Duration::from_mins(15)];

/// What is known of the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// Its number is on the document, or none is needed.
    Ready,
    /// It has no number yet: again after so long.
    Wait(Duration),
    /// A person must look.
    Impossible(String),
}

/// Puts the number of the original on a document that needs it.
pub(crate) async fn link(
    invoices: &OwnInvoices,
    seller: &SellerId,
    document: &mut DueDocument,
    waits: u32,
) -> Result<Link, StoreError> {
    let Some(shipping_id) = needed(document) else { return Ok(Link::Ready) };
    if shipping_id.is_empty() {
        let kind = document.kind;
        return Ok(Link::Impossible(format!("the report does not say which shipment the {kind} belongs to")));
    }
    let shipping_id = shipping_id.to_owned();
    match invoices.original(seller, &shipping_id).await? {
        OriginalInvoice::Numbered { number, issued_on } => {
            document.link_original(&number, issued_on);
            Ok(Link::Ready)
        }
        OriginalInvoice::WithoutNumber(state) => Ok(again(waits, || {
            format!("the invoice of shipment {shipping_id}, to which it refers, has no number: it is {state}")
        })),
        OriginalInvoice::Unknown => Ok(again(waits, || {
            format!(
                "the invoice of shipment {shipping_id}, to which it refers, is not known here: a backfill of the VAT \
                 invoice data report finds the number of one that was uploaded before"
            )
        })),
    }
}

/// The shipment of the original, where its number is not known.
fn needed(document: &DueDocument) -> Option<&str> {
    let original = document.original.as_ref()?;
    original.number.trim().is_empty().then_some(original.shipping_id.as_str())
}

fn again(waits: u32, why: impl FnOnce() -> String) -> Link {
    let pause = usize::try_from(waits).ok().and_then(|waits| WAITS.get(waits));
    pause.map_or_else(|| Link::Impossible(why()), |pause| Link::Wait(*pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_half_an_hour_of_waiting_a_person_must_look() {
        let link = |waits| again(waits, || "no number".to_owned());
        assert_eq!(link(0), Link::Wait(Duration::from_mins(1)));
        assert_eq!(link(3), Link::Wait(Duration::from_mins(15)));
        assert_eq!(link(4), Link::Impossible("no number".to_owned()));
    }
}
