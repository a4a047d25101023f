//! Amazon's error codes of invoice uploads, with cause and cure.
//!
//! Source: developer-docs.amazon.com, "Error Handling" of the VAT calculation service; for 79525, threads of its public
//! issue tracker. Amazon's list is longer than what is public; what is not in it is known by its words.

use serde::{Deserialize, Serialize};

/// What happens next after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// The document is uploaded again by itself, some hours later: the cause passes.
    UploadLater,
    /// The document is made and uploaded again, under its number, from the next report: the cause is in what was sent.
    MakeAgain,
    /// The program is at fault and must not repeat itself: a person looks.
    Program,
    /// The seller must change something at Amazon; then everything that waits is uploaded.
    SellerSetup,
    /// Amazon issues the document: ours must be cancelled, and keeps its number.
    Cancel,
    /// A person must decide.
    Person,
}

/// One error.
#[derive(Debug, PartialEq, Eq)]
pub struct UploadError {
    /// Amazon's number; none where it is not public.
    pub code: Option<u32>,
    /// Amazon's name, or ours where it is not public.
    pub name: &'static str,
    /// What is wrong, in words.
    pub cause: &'static str,
    /// What to do about it.
    pub cure: &'static str,
    /// What happens next.
    pub next: Next,
    /// Words of the message by which it is known when its number is not, all of them in small letters.
    words: &'static [&'static str],
}

const fn error(
    code: u32,
    name: &'static str,
    cause: &'static str,
    cure: &'static str,
    next: Next,
    words: &'static [&'static str],
) -> UploadError {
    let code = if code == 0 { None } else { Some(code) };
    UploadError { code, name, cause, cure, next, words }
}

/// What is said of an error that is in no list.
pub static UNKNOWN: UploadError = error(
    0,
    "Unknown",
    "Amazon names an error that is not known here",
    "read Amazon's words, and ask Seller Support if they do not tell",
    Next::Person,
    &[],
);

/// The errors that are known.
#[rustfmt::skip]
pub static ERRORS: [UploadError; 17] = [
    error(79_509, "FeatureNotAvailable",
        "the seller did not choose to upload own invoices in the VAT calculation service",
        "in Seller Central, under the settings of the VAT calculation service, choose to upload your own invoices",
        Next::SellerSetup, &["closed beta"]),
    error(79_523, "MarketplaceIDInputError",
        "the upload names no marketplace, several, or one that takes no invoices",
        "one marketplace of the VAT calculation service must be named; a report of another marketplace needs a person",
        Next::Program, &["only one valid marketplace"]),
    error(79_513, "MissingRequestPreferences",
        "the upload lacks the shipment, the number or the totals",
        "the metadata of the upload must be complete, each key with the prefix metadata:",
        Next::Program, &["please provide metadata"]),
    error(79_531, "InvalidDocumentType",
        "the document type is neither Invoice nor CreditNote",
        "only these two words are allowed",
        Next::Program, &["document type", "not supported"]),
    error(79_503, "InvoiceFileIsNotPDF",
        "what arrived at Amazon is no PDF",
        "upload the PDF again with the content type application/pdf in both requests",
        Next::MakeAgain, &["not pdf"]),
    error(79_540, "NoFileUpload",
        "no invoice arrived with the upload",
        "upload the PDF again; the address for it is good for five minutes",
        Next::MakeAgain, &["invoice missing in feed"]),
    error(79_544, "NoCreditNoteFileUpload",
        "no credit note arrived with the upload",
        "upload the PDF again; the address for it is good for five minutes",
        Next::MakeAgain, &["credit note missing in feed"]),
    error(79_517, "InvalidOrderId",
        "the order is unknown, is another seller's, or is not dispatched yet",
        "wait for the next report: invoices are due after dispatch; if it comes again, check the seller's account",
        Next::UploadLater, &["order", "not", "valid"]),
    error(79_525, "AmazonGeneratesInvoice",
        "Amazon issues the document itself",
        "cancel the own document, which keeps its number; do not upload for this shipment again",
        Next::Cancel, &["amazon will generate"]),
    error(0, "InvalidShippingId",
        "the shipment is unknown, is another seller's, or is not dispatched yet",
        "wait for the next report: invoices are due after dispatch; if it comes again, check the seller's account",
        Next::UploadLater, &["ship", "not", "valid"]),
    error(0, "TransactionIdMissing",
        "a credit note needs the transaction of the refund or return",
        "make the credit note again from a report that has the transaction-id",
        Next::MakeAgain, &["transactionid"]),
    error(0, "TotalVatAmountDiffers",
        "the VAT is not the one that Amazon calculated for this shipment",
        "make the document again from the next report: the tax may have been calculated anew",
        Next::MakeAgain, &["vat", "amount", "match"]),
    error(0, "TotalAmountDiffers",
        "the total is not the one that Amazon calculated for this shipment",
        "make the document again from the next report: the amounts may have changed",
        Next::MakeAgain, &["amount", "match"]),
    error(0, "AlreadyUploaded",
        "Amazon has a document for this shipment already",
        "compare Amazon's document with the own one; if it is the same, the next report will say so",
        Next::Person, &["already"]),
    error(0, "InvoiceNumberUsed",
        "the number was used for another document",
        "a person must compare the two documents: no number may be used twice",
        Next::Person, &["invoice number", "duplicate"]),
    error(0, "FeedCancelled",
        "the feed was cancelled before Amazon read it",
        "nothing: it is uploaded again when the next report still calls the document due",
        Next::UploadLater, &["feed was cancelled"]),
    error(0, "FeedFailed",
        "the feed failed at Amazon, which does not say why",
        "nothing: it is uploaded again when the next report still calls the document due",
        Next::UploadLater, &["feed failed"]),
];

impl UploadError {
    /// The error with this number; otherwise the first whose words are all in the message; otherwise [`UNKNOWN`].
    pub fn find(code: Option<u32>, message: &str) -> &'static Self {
        let by_code = code.and_then(|code| ERRORS.iter().find(|error| error.code == Some(code)));
        let lower = message.to_lowercase();
        by_code
            .or_else(|| ERRORS.iter().find(|error| error.words.iter().all(|word| lower.contains(word))))
            .unwrap_or(&UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_code_is_found_and_each_is_there_once() {
        for code in [79_509, 79_523, 79_513, 79_531, 79_503, 79_540, 79_544, 79_517, 79_525] {
            assert_eq!(UploadError::find(Some(code), "").code, Some(code));
            assert_eq!(ERRORS.iter().filter(|error| error.code == Some(code)).count(), 1);
        }
        assert!(
            ERRORS.iter().all(|error| !error.words.is_empty() && !error.cause.is_empty() && !error.cure.is_empty())
        );
    }

    #[test]
    fn an_error_without_a_known_number_is_found_by_its_words() {
        for (message, name) in [
            (
                "The total amount 49.91 does not match the amount 49.90 calculated for this shipment.",
                "TotalAmountDiffers",
            ),
            ("TotalVATAmount does not match", "TotalVatAmountDiffers"),
            ("Invoice uploaded is not pdf for shipmentId 1, orderId 2", "InvoiceFileIsNotPDF"),
            ("Amazon will generate invoice for shipmentId N/A, orderId N/A", "AmazonGeneratesInvoice"),
            ("The document type Bill is not supported", "InvalidDocumentType"),
            ("An invoice was already uploaded", "AlreadyUploaded"),
            ("the feed was cancelled before Amazon read it", "FeedCancelled"),
            ("the feed failed at Amazon, and no report says why", "FeedFailed"),
            ("Something new", "Unknown"),
        ] {
            assert_eq!(UploadError::find(Some(70_000), message).name, name, "{message}");
        }
    }
}
