//! Rates, which the report may write as `0.19` or as `19`.

use countinghouse_domain::document::Amounts;
use rust_decimal::Decimal;

/// Half a cent above a cent: one cent of rounding for a piece.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Whether VAT is rate × net, within a cent for each piece.
pub(crate) fn fits(rate: Decimal, amounts: &Amounts, pieces: u64) -> bool {
    let tolerance = CENT.checked_mul(Decimal::from(pieces.max(1))).unwrap_or(Decimal::MAX);
    difference(rate, amounts).is_some_and(|difference| difference.abs() <= tolerance)
}

/// VAT − rate × net, to the cent.
pub(crate) fn difference(rate: Decimal, amounts: &Amounts) -> Option<Decimal> {
    let vat = amounts.net.checked_mul(rate)?.round_dp(2);
    amounts.vat.checked_sub(vat)
}

/// The rate as a fraction. Whether the report means a fraction or percent is told by which of them fits the amounts;
/// where both do or none does, a number below 1 is a fraction: there is no VAT rate below 1 %, nor one of 100 %.
pub(crate) fn recognise(written: Decimal, amounts: &Amounts, pieces: u64) -> Decimal {
    let percent = written.checked_div(Decimal::ONE_HUNDRED).unwrap_or(written);
    match (fits(written, amounts, pieces), fits(percent, amounts, pieces)) {
        (true, false) => written.normalize(),
        (false, true) => percent.normalize(),
        _ if written < Decimal::ONE => written.normalize(),
        _ => percent.normalize(),
    }
}

/// The rate of amounts for which the report has none: one of the row's other rates if it fits, otherwise VAT / net,
/// to the percent or to a tenth of it, if that fits. None where nothing does.
pub(crate) fn derive(amounts: &Amounts, pieces: u64, others: &[Decimal]) -> Option<Decimal> {
    if amounts.is_zero() {
        return Some(others.first().copied().unwrap_or_default());
    }
    if amounts.vat.is_zero() {
        return Some(Decimal::ZERO);
    }
    let other = others.iter().copied().find(|rate| !rate.is_zero() && fits(*rate, amounts, pieces));
    other.or_else(|| {
        let ratio = amounts.vat.checked_div(amounts.net)?;
        let rounded = [ratio.round_dp(2), ratio.round_dp(3)];
        rounded.into_iter().find(|rate| fits(*rate, amounts, 1)).map(|rate| rate.normalize())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amounts(net: &str, vat: &str) -> Amounts {
        let (net, vat): (Decimal, Decimal) = (net.parse().unwrap(), vat.parse().unwrap());
        Amounts { gross: net + vat, vat, net }
    }

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_is_read_as_fraction_or_percent_by_what_the_amounts_say() {
        for (written, net, vat, rate) in [
            ("0.19", "100.00", "19.00", "0.19"),
            ("19", "100.00", "19.00", "0.19"),
            ("19.00", "41.93", "7.97", "0.19"),
            ("5.5", "10.00", "0.55", "0.055"),
            ("2.1", "0.10", "0.00", "0.021"),
            ("0.2", "0.01", "0.00", "0.2"),
            ("1", "100.00", "1.00", "0.01"),
            ("0", "100.00", "0.00", "0"),
            ("0.00", "0.00", "0.00", "0"),
            ("21", "0.00", "0.00", "0.21"),
            ("0.1900", "-100.00", "-19.00", "0.19"),
        ] {
            assert_eq!(recognise(dec(written), &amounts(net, vat), 1), dec(rate), "{written} of {net}");
        }
    }

    #[test]
    fn a_missing_rate_is_taken_from_the_row_or_from_the_amounts() {
        assert_eq!(derive(&amounts("4.19", "0.80"), 1, &[dec("0.19")]), Some(dec("0.19")));
        assert_eq!(derive(&amounts("100.00", "5.50"), 1, &[]), Some(dec("0.055")));
        assert_eq!(derive(&amounts("100.00", "0.00"), 1, &[dec("0.19")]), Some(Decimal::ZERO));
        assert_eq!(derive(&amounts("0.00", "5.00"), 1, &[dec("0.19")]), None);
        assert_eq!(derive(&amounts("1000.00", "123.45"), 1, &[]), None);
    }

    proptest! {
        #[test]
        fn both_notations_of_a_rate_mean_the_same(cents in 1_i64..10_000_000, tenths in 10_i64..300) {
            let rate = Decimal::new(tenths, 3);
            let net = Decimal::new(cents, 2);
            let vat = (net * rate).round_dp(2);
            let amounts = Amounts { gross: net + vat, vat, net };
            prop_assert_eq!(recognise(rate, &amounts, 1), rate.normalize());
            prop_assert_eq!(recognise(rate * Decimal::ONE_HUNDRED, &amounts, 1), rate.normalize());
        }
    }
}
