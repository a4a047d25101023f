//! What a settlement hands on to the next one of its chain, and whether that one took it up.

use rust_decimal::Decimal;

use super::Tally;

/// What is carried from one settlement to the next: neither income nor cost, it only waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarriedOver {
    /// What the seller owes Amazon: zero or negative.
    pub debt: Decimal,
    /// What Amazon holds back for the seller: zero or positive, when all is well.
    pub reserve: Decimal,
}

impl CarriedOver {
    /// What a settlement hands on: a negative total, and its current reserve (which is negative in its rows).
    pub fn handed_on(total_amount: Decimal, tally: &Tally) -> Self {
        let mut reserve = tally.of_category("reserve_current").sum;
        reserve.set_sign_negative(reserve.is_sign_positive());
        Self { debt: total_amount.min(Decimal::ZERO), reserve }
    }

    /// What a settlement took up: `Payable to Amazon`, and the balance of the previous reserve.
    pub fn taken_up(tally: &Tally) -> Self {
        Self { debt: tally.of_category("payable_to_amazon").sum, reserve: tally.of_category("reserve_previous").sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::Classifier;
    use crate::settlement::SettlementAmount;

    fn tally(amounts: &[(&str, &str)]) -> Tally {
        let mut tally = Tally::default();
        let mut classifier = Classifier::new();
        for (description, amount) in amounts {
            let amount = SettlementAmount {
                transaction_type: "other-transaction",
                amount_type: "other-transaction",
                amount_description: description,
                ..SettlementAmount::empty(1, amount.parse().unwrap())
            };
            let class = classifier.classify(&amount);
            tally.add(&amount, class).unwrap();
        }
        tally
    }

    #[test]
    fn a_negative_total_and_a_reserve_are_taken_up_by_the_next_settlement() {
        let total = "-321.69".parse().unwrap();
        let handed_on = CarriedOver::handed_on(total, &tally(&[("Current Reserve Amount", "-50.00")]));
        let next = tally(&[("Payable to Amazon", "-321.69"), ("Previous Reserve Amount Balance", "50.00")]);
        assert_eq!(CarriedOver::taken_up(&next), handed_on);
    }

    #[test]
    fn a_positive_total_is_paid_out_and_hands_nothing_on() {
        let handed_on = CarriedOver::handed_on(Decimal::ONE, &tally(&[]));
        assert_eq!(handed_on, CarriedOver::taken_up(&tally(&[])));
    }
}
