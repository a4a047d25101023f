//! Money: a decimal amount with its currency. No float ever touches it.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code, three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// A text that is not a currency code of ISO 4217.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency of ISO 4217")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");

    /// The code, for example `EUR`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the smallest unit has: 2 for EUR, 0 for JPY.
    pub fn minor_digits(&self) -> u32 {
        iso_currency::Currency::from_code(self.code()).and_then(iso_currency::Currency::exponent).map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownCurrency(text.chars().take(8).collect());
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_short| unknown())?;
        iso_currency::Currency::from_code(text).map(|_known| Self(code)).ok_or_else(unknown)
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why two sums could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies met in one sum.
    #[error("{left} and {right} cannot be added")]
    Currencies {
        /// The currency of the sum so far.
        left: Currency,
        /// The currency that was to be added.
        right: Currency,
    },
    /// The sum is larger than a decimal can hold.
    #[error("the sum is larger than 28 digits")]
    Overflow,
}

/// An amount with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount, exact.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
}

impl Money {
    /// An amount in a currency.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies { left: self.currency, right: other.currency });
        }
        Ok(Self::new(add(self.amount, other.amount)?, self.currency))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// The exact sum of two amounts that are known to be of one currency.
pub fn add(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    left.checked_add(right).ok_or(MoneyError::Overflow)
}

/// The exact difference of two amounts that are known to be of one currency.
pub fn subtract(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    left.checked_sub(right).ok_or(MoneyError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_currencies_are_never_added() {
        let euro = Money::new(Decimal::ONE, Currency::EUR);
        let dollar = Money::new(Decimal::ONE, Currency::USD);
        assert_eq!(euro.checked_add(dollar), Err(MoneyError::Currencies { left: Currency::EUR, right: Currency::USD }));
    }

    #[test]
    fn a_sum_beyond_the_largest_decimal_is_an_error() {
        assert_eq!(add(Decimal::MAX, Decimal::ONE), Err(MoneyError::Overflow));
    }

    #[test]
    fn only_codes_of_iso_4217_are_currencies() {
        assert_eq!("EUR".parse(), Ok(Currency::EUR));
        for text in ["eur", "EU", "EURO", "ZZZ", ""] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_yen_has_no_decimals() {
        assert_eq!("JPY".parse::<Currency>().unwrap().minor_digits(), 0);
        assert_eq!(Currency::EUR.minor_digits(), 2);
    }
}
