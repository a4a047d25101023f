//! Amazon Business: what a company bought, and the invoices for it (Reconciliation API, version 2021-01-08).
//!
//! The types and JSON names of this API live in `countinghouse-purchases`; here is how it is asked.

use countinghouse_domain::job::Window;
use countinghouse_domain::rate::Operation;
use countinghouse_purchases::{InvoiceAnswers, MOST_ORDER_LINE_ITEMS, OrderLineItem, ReadError, TransactionsPage};
use serde::Serialize;

use crate::client::Seller;
use crate::error::{AmazonError, Call};
use crate::request::ApiRequest;
use crate::transport::Reply;

const TRANSACTIONS: &str = "/reconciliation/2021-01-08/transactions";
const INVOICES: &str = "/reconciliation/2021-01-08/invoices";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvoicesRequest<'a> {
    order_line_items: &'a [OrderLineItem],
}

impl Seller {
    /// One page of the transactions that Amazon began to tell of in a window (by feed date): the first, or the one
    /// that a token leads to. The buyer's account stands where a seller's does.
    ///
    /// A token that Amazon refuses is [`AmazonError::PageExpired`]: begin the window again. Whether a window's last
    /// moment belongs to it Amazon does not say; a transaction may stand in two windows.
    pub async fn transactions_page(
        &self,
        window: Window,
        token: Option<&str>,
    ) -> Result<TransactionsPage, AmazonError> {
        let mut request = ApiRequest::get(Operation::GetTransactions, TRANSACTIONS.to_owned());
        request.query = match token {
            // Amazon wants a token as the only parameter.
            Some(token) => vec![("nextPageToken", token.to_owned())],
            None => vec![("feedStartDate", window.from.to_string()), ("feedEndDate", window.to.to_string())],
        };
        let reply = match self.call(&request).await {
            Err(AmazonError::BadRequest { call, answer }) if token.is_some() && answer.status == 400 => {
                return Err(AmazonError::PageExpired { call, answer });
            }
            reply => reply?,
        };
        let page = understood(request.call(), &reply, TransactionsPage::from_json)?;
        let unreadable = page.transactions.iter().filter(|each| each.reading.is_err()).count();
        if unreadable > 0 {
            tracing::warn!(seller_id = %self.id, unreadable, "some transactions make no sense");
        }
        Ok(page)
    }

    /// The invoices that cover these line items, 1 to 25 of them. A line item without one may be absent in the
    /// answer, or have details that say nothing.
    pub async fn invoices_of(&self, items: &[OrderLineItem]) -> Result<InvoiceAnswers, AmazonError> {
        let operation = Operation::GetInvoiceDetailsByOrderLineItems;
        if !(1..=MOST_ORDER_LINE_ITEMS).contains(&items.len()) {
            let what =
                format!("invoices are asked for 1 to {MOST_ORDER_LINE_ITEMS} line items, not for {}", items.len());
            return Err(AmazonError::unexpected(Call::Operation(operation), what));
        }
        let body = InvoicesRequest { order_line_items: items };
        let request = ApiRequest::post(operation, INVOICES.to_owned(), &body)?;
        let reply = self.call(&request).await?;
        understood(request.call(), &reply, InvoiceAnswers::from_json)
    }
}

fn understood<T>(call: Call, reply: &Reply, read: impl FnOnce(&str) -> Result<T, ReadError>) -> Result<T, AmazonError> {
    let what = "the answer has another shape than Amazon's model states";
    let text = str::from_utf8(&reply.body).map_err(|error| AmazonError::unexpected_because(call, what, error))?;
    read(text).map_err(|error| AmazonError::unexpected_because(call, what, error))
}
