//! Amounts as a person reads them: a number, and one currency for the item.
//!
//! An amount in another currency than its item's has its own beside it: `tax` and `tax_currency`.

use countinghouse_domain::money::{Currency, Money};

use crate::StoreError;
use crate::item::{Fields, ItemBuilder};

/// Writes an amount, where there is one.
pub(in crate::purchase) fn write(item: &mut ItemBuilder, name: &str, amount: Option<Money>, currency: Currency) {
    let Some(amount) = amount else { return };
    item.decimal(name, amount.amount.normalize());
    if amount.currency != currency {
        item.text(&currency_name(name), amount.currency.code());
    }
}

/// Reads it back.
pub(in crate::purchase) fn read(
    fields: &Fields<'_>,
    name: &str,
    currency: Currency,
) -> Result<Option<Money>, StoreError> {
    let Some(amount) = fields.number_if(name)? else { return Ok(None) };
    let own = fields.parse_if(&currency_name(name), "a currency")?;
    Ok(Some(Money::new(amount, own.unwrap_or(currency))))
}

fn currency_name(name: &str) -> String {
    format!("{name}_currency")
}
