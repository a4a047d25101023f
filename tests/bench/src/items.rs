//! How large a payment item is, and what a million of them cost.

use std::fs::File;

use countinghouse_domain::payment::Classifier;
use countinghouse_store::{item_bytes, payment_item, payment_write_units};
use rust_decimal::Decimal;

use crate::generate::settlement::Settlement;
use crate::measure::{grouped, mean};
use crate::report::Report;
use crate::settlement::{context, open_settlement};
use crate::{Bench, Outcome};

/// A payment must fit into one write unit.
const LARGEST_BYTES: usize = 1_024;

/// What a million write units cost on demand, in US cents and tenths of it: USD 0.625 in us-east-1, DynamoDB
/// Standard table class, price list of November 2024. Other regions are up to twice as dear.
const DOLLARS_FOR_A_MILLION_UNITS: Decimal = Decimal::from_parts(625, 0, 0, false, 3);

/// Measures.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome {
    let made = Settlement::new(&bench.cache, bench.rows())?;
    let mut reader = open_settlement(File::open(made.file(&bench.cache)?)?)?;
    let header = reader.header().clone();
    let context = context(&header.settlement_id, header.currency)?;
    let mut classifier = Classifier::new();
    let (mut count, mut bytes, mut units, mut largest) = (0_u64, 0_u64, 0_u64, 0_usize);
    while let Some(amount) = reader.next_amount()? {
        let class = classifier.classify(&amount);
        let item = payment_item(&context, &amount, class).item;
        let size = item_bytes(&item);
        largest = largest.max(size);
        count += 1;
        bytes += u64::try_from(size)?;
        units += u64::try_from(payment_write_units(&item))?;
    }
    report.tell(format!("payment item, mean of {}", grouped(count)), format!("{:.0} bytes", mean(bytes, count)));
    report.hold("  the largest", format!("{largest} bytes"), "under 1 KB", largest < LARGEST_BYTES);
    report.tell("  write units for a payment, with its index", format!("{:.3}", mean(units, count)));
    let cost = DOLLARS_FOR_A_MILLION_UNITS * Decimal::from(units) / Decimal::from(count.max(1));
    report.tell("  a million payments (us-east-1, on demand, 2024-11)", format!("USD {}", cost.round_dp(2)));
    Ok(())
}
