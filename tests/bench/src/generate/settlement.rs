//! A European settlement: V2, decimal commas, dotted dates.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Random, kept};
use crate::Outcome;

/// The settlement.
pub(crate) const ID: &str = "13570246801";

const COLUMNS: &str = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\t\
    currency\ttransaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\t\
    amount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time\torder-item-code\t\
    merchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\tpromotion-id";

/// A settlement in two pieces, each a gzip member: gzip files can be joined, so the rows can come several times.
#[derive(Debug)]
pub(crate) struct Settlement {
    /// The rows without header and summary row.
    pub(crate) rows_file: PathBuf,
    /// What the rows come to, in cents.
    total_cents: i64,
    /// How many there are.
    pub(crate) rows: u64,
}

impl Settlement {
    /// Makes the rows, or takes those of an earlier run.
    pub(crate) fn new(cache: &Path, rows: u64) -> Outcome<Self> {
        // The total is known only by making the rows, which takes a second; compressing them takes longer.
        let mut counted = 0;
        let mut sink = std::io::sink();
        write_rows(&mut sink, rows, &mut counted)?;
        let make = |out: &mut dyn Write| write_rows(out, rows, &mut 0);
        let rows_file = kept(cache, &format!("settlement-rows-{rows}"), make)?;
        Ok(Self { rows_file, total_cents: counted, rows })
    }

    /// Header and summary row, compressed, for a file that has the rows `repeat` times.
    pub(crate) fn head(&self, repeat: u32) -> Outcome<Vec<u8>> {
        let total = comma(self.total_cents.saturating_mul(i64::from(repeat)));
        let dates = "03.07.2026 09:10:07 UTC\t17.07.2026 09:10:07 UTC\t19.07.2026 09:10:07 UTC";
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        writeln!(encoder, "{COLUMNS}\n{ID}\t{dates}\t{total}\tEUR{}", "\t".repeat(18))?;
        Ok(encoder.finish()?)
    }

    /// The whole file.
    pub(crate) fn file(&self, cache: &Path) -> Outcome<PathBuf> {
        let path = cache.join(format!("settlement-{}.gz", self.rows));
        let mut bytes = self.head(1)?;
        bytes.extend(std::fs::read(&self.rows_file)?);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }
}

fn write_rows(out: &mut dyn Write, rows: u64, total_cents: &mut i64) -> Outcome {
    let mut rows = Rows { out: std::io::BufWriter::with_capacity(1 << 16, out), left: rows, total_cents };
    let mut random = Random(42);
    while rows.left > 0 {
        if random.percent(3) {
            refund(&mut rows, &mut random)?;
        } else {
            order(&mut rows, &mut random)?;
        }
    }
    rows.out.flush()?;
    Ok(())
}

struct Rows<'a, W: Write> {
    out: W,
    left: u64,
    total_cents: &'a mut i64,
}

/// What the rows of one item have in common.
struct Item<'a> {
    transaction_type: &'a str,
    order: String,
    adjustment: String,
    shipment: String,
    marketplace: &'a str,
    posted: String,
    code: u64,
    sku: String,
    quantity: &'a str,
}

impl<W: Write> Rows<'_, W> {
    fn add(&mut self, item: &Item<'_>, amount_type: &str, description: &str, cents: i64, promotion: &str) -> Outcome {
        if self.left == 0 {
            return Ok(());
        }
        self.left -= 1;
        *self.total_cents += cents;
        let Item { transaction_type, order, adjustment, shipment, marketplace, posted, code, sku, quantity } = item;
        let amount = comma(cents);
        writeln!(
            self.out,
            "{ID}\t\t\t\t\t\t{transaction_type}\t{order}\t{order}\t{adjustment}\t{shipment}\t{marketplace}\t{amount_type}\t\
             {description}\t{amount}\tAFN\t{posted}\t{code:014}\t\t\t{sku}\t{quantity}\t{promotion}"
        )?;
        Ok(())
    }
}

fn item<'a>(random: &mut Random, transaction_type: &'a str) -> Item<'a> {
    const MARKETPLACES: [&str; 4] = ["Amazon.de", "Amazon.fr", "Amazon.it", "Amazon.es"];
    let (day, second) = (random.below(14) + 3, random.below(86_400));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    Item {
        transaction_type,
        order: format!("{}-{:07}-{:07}", 300 + random.below(10), random.below(10_000_000), random.below(10_000_000)),
        adjustment: String::new(),
        shipment: format!("U{:08x}", random.below(1 << 32)),
        marketplace: random.one_of(&MARKETPLACES),
        posted: format!("{day:02}.07.2026\t{day:02}.07.2026 {hour:02}:{minute:02}:{second:02} UTC"),
        code: random.below(100_000_000_000_000),
        sku: format!("ART-{:05}-{}", random.below(5_000), random.one_of(&["RED", "BLUE", "GREEN"])),
        quantity: if random.percent(90) { "1" } else { "2" },
    }
}

fn order<W: Write>(rows: &mut Rows<'_, W>, random: &mut Random) -> Outcome {
    let item = item(random, "Order");
    let net = i64::try_from(random.below(9_000))? + 500;
    let tax = net * 19 / 100;
    rows.add(&item, "ItemPrice", "Principal", net, "")?;
    rows.add(&item, "ItemPrice", "Tax", tax, "")?;
    if random.percent(25) {
        rows.add(&item, "ItemPrice", "Shipping", 419, "")?;
        rows.add(&item, "ItemPrice", "ShippingTax", 80, "")?;
        rows.add(&item, "Promotion", "Shipping", -419, "PAWS-V2-78923749-2839-free shipping")?;
        rows.add(&item, "Promotion", "TaxDiscount", -80, "PAWS-V2-78923749-2839-free shipping")?;
    }
    rows.add(&item, "ItemFees", "Commission", -(net + tax) * 15 / 100, "")?;
    rows.add(&item, "ItemFees", "FBAPerUnitFulfillmentFee", -321, "")?;
    if random.percent(60) {
        rows.add(&item, "ItemFees", "DigitalServicesFee", -(net + tax) * 15 / 100 * 3 / 100, "")?;
    }
    if random.percent(70) {
        rows.add(&item, "ItemWithheldTax", "MarketplaceFacilitatorVAT-Principal", -tax, "")?;
        rows.add(&item, "ItemWithheldTax", "MarketplaceFacilitatorVAT-Shipping", 0, "")?;
    }
    Ok(())
}

fn refund<W: Write>(rows: &mut Rows<'_, W>, random: &mut Random) -> Outcome {
    let adjustment = format!("amzn1:crow:{:016x}{:06x}", random.next(), random.below(1 << 24));
    let item = Item { adjustment, shipment: String::new(), quantity: "", ..item(random, "Refund") };
    let net = i64::try_from(random.below(9_000))? + 500;
    rows.add(&item, "ItemPrice", "Principal", -net, "")?;
    rows.add(&item, "ItemPrice", "Tax", -(net * 19 / 100), "")?;
    rows.add(&item, "ItemFees", "Commission", net * 15 / 100, "")?;
    rows.add(&item, "ItemFees", "RefundCommission", -(net * 3 / 100), "")
}

/// `-12,34`.
fn comma(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{},{:02}", cents / 100, cents % 100)
}
