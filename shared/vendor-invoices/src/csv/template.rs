//! The files to fill in.

use crate::Api;

/// A CSV file to fill in: the columns that are used most, and example lines that the check accepts.
///
/// [`super::columns()`] lists every column; those that are not in the template can be added anywhere.
pub const fn template(api: Api) -> &'static str {
    match api {
        Api::Retail => include_str!("../../templates/retail.csv"),
        Api::DirectFulfillment => include_str!("../../templates/direct-fulfillment.csv"),
    }
}
