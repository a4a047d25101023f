//! Handing in a vendor's invoices, and asking what became of them.
//!
//! Neither API has a key that makes sending twice harmless, and neither can be asked which invoices it has. So the
//! caller gets everything that may fail out of the way first ([`Seller::ready_to_submit`]), writes down that it
//! sends, and sends once ([`ReadyToSubmit::send`]).

mod model;

pub use model::{Transaction, TransactionState};

use countinghouse_domain::ids::TransactionId;
use countinghouse_domain::rate::Operation;
use countinghouse_domain::vendor::VendorApi;
use http::Method;

use crate::client::Seller;
use crate::error::AmazonError;
use crate::exchange::{Permit, made, read};
use crate::request::{ApiRequest, path_with_id};
use crate::token::AccessToken;
use model::{Submitted, TransactionReply};

const RETAIL_INVOICES: &str = "/vendor/payments/v1/invoices";
const DIRECT_INVOICES: &str = "/vendor/directFulfillment/payments/v1/invoices";
const RETAIL_TRANSACTIONS: &str = "/vendor/transactions/v1/transactions";
const DIRECT_TRANSACTIONS: &str = "/vendor/directFulfillment/transactions/2021-12-28/transactions";
const DIRECT_TRANSACTIONS_V1: &str = "/vendor/directFulfillment/transactions/v1/transactions";

/// What came of sending an invoice.
#[derive(Debug)]
pub enum Submission {
    /// Amazon took it into its queue.
    Taken(TransactionId),
    /// Amazon surely did not take it: no connection, a rate limit, or a refusal, which is `BadRequest` or `NotFound`
    /// where the invoice itself is at fault.
    NotTaken(AmazonError),
    /// It went out, and no clear answer came back. Never send it again by itself.
    AnswerLost(AmazonError),
}

/// The right to send one request, with everything that it needs: the rate budget is charged and the token is there.
#[derive(Debug)]
pub struct ReadyToSubmit<'a> {
    seller: &'a Seller,
    operation: Operation,
    path: &'static str,
    permit: Permit,
    token: AccessToken,
}

impl Seller {
    /// Gets ready to send one request with invoices. An error here means that nothing was sent.
    pub async fn ready_to_submit(&self, api: VendorApi) -> Result<ReadyToSubmit<'_>, AmazonError> {
        let (operation, path) = match api {
            VendorApi::Retail => (Operation::SubmitInvoices, RETAIL_INVOICES),
            VendorApi::DirectFulfillment => (Operation::SubmitInvoice, DIRECT_INVOICES),
        };
        let permit = self.permit(operation).await?;
        let token = self.amazon.token(&self.id, None).await?;
        Ok(ReadyToSubmit { seller: self, operation, path, permit, token })
    }

    /// What became of a transaction. For direct fulfillment the newer version of the API is asked first and the
    /// older one where that is refused: applications without the newer one still exist.
    pub async fn vendor_transaction(&self, api: VendorApi, id: &TransactionId) -> Result<Transaction, AmazonError> {
        match api {
            VendorApi::Retail => self.transaction(Operation::GetTransaction, RETAIL_TRANSACTIONS, id).await,
            VendorApi::DirectFulfillment => {
                let operation = Operation::GetTransactionStatus;
                match self.transaction(operation, DIRECT_TRANSACTIONS, id).await {
                    Err(
                        first @ (AmazonError::NotFound { .. }
                        | AmazonError::BadRequest { .. }
                        | AmazonError::Forbidden { .. }),
                    ) => self.transaction(operation, DIRECT_TRANSACTIONS_V1, id).await.map_err(|_also| first),
                    answer => answer,
                }
            }
        }
    }

    async fn transaction(
        &self,
        operation: Operation,
        root: &str,
        id: &TransactionId,
    ) -> Result<Transaction, AmazonError> {
        let request = ApiRequest::get(operation, path_with_id(root, id.as_str()));
        let reply = self.call(&request).await?;
        let answer = read::<TransactionReply>(request.call(), &reply)?;
        answer
            .into_transaction()
            .ok_or_else(|| AmazonError::unexpected(request.call(), "the answer has no transaction"))
    }
}

impl ReadyToSubmit<'_> {
    /// Sends the body, once. A connection that was not made is tried again, and so is a token that was refused:
    /// Amazon has not looked at the invoice then.
    pub async fn send(self, body: &[u8]) -> Submission {
        let Self { seller, operation, path, permit, token } = self;
        let (query, body) = (Vec::new(), Some(body.to_vec()));
        let request = ApiRequest { operation, method: Method::POST, path: path.to_owned(), query, body };
        let sent = match seller.call_with(&request, &token, permit).await {
            Ok(reply) => made::<Submitted>(request.call(), &reply),
            Err(error) => Err(error),
        };
        match sent {
            Ok(submitted) => Submission::Taken(submitted.payload.transaction_id),
            Err(error @ AmazonError::AnswerLost { .. }) => Submission::AnswerLost(error),
            Err(error) => Submission::NotTaken(error),
        }
    }
}
