//! Settlements made for a test.

use std::fmt::Write;
use std::path::PathBuf;

use tempfile::TempDir;

const HEADER: &str = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\tamount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time\torder-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\tpromotion-id\n";

const V1_HEADER: &str = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name\tshipment-fee-type\tshipment-fee-amount\torder-fee-type\torder-fee-amount\tfulfillment-id\tposted-date\torder-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased\tprice-type\tprice-amount\titem-related-fee-type\titem-related-fee-amount\tmisc-fee-amount\tother-fee-amount\tother-fee-reason-description\tdirect-payment-type\tdirect-payment-amount\tother-amount\n";

/// One row: transaction-type, amount-type, amount-description, amount.
pub(crate) type Row = [&'static str; 4];

/// A V2 settlement from one day of July 2026 to another.
pub(crate) fn v2(id: &str, days: (u8, u8), total: &str, rows: &[Row]) -> String {
    let (from, to) = days;
    let mut text = format!(
        "{HEADER}{id}\t2026-07-{from:02} 10:00:00 UTC\t2026-07-{to:02} 10:00:00 UTC\t2026-07-{:02} 10:00:00 UTC\t{total}\tUSD{}\n",
        to + 2,
        "\t".repeat(18)
    );
    for [transaction_type, amount_type, description, amount] in rows {
        let kind = format!("{transaction_type}\t113-0000001-0000001\t\t\t\tAmazon.com\t{amount_type}\t{description}");
        let posted = format!("2026-07-{from:02}\t2026-07-{from:02} 12:00:00 UTC");
        writeln!(text, "{id}\t\t\t\t\t\t{kind}\t{amount}\tAFN\t{posted}\t1\t\t\tSKU-1\t1\t").unwrap();
    }
    text
}

/// A V1 settlement with one subscription fee.
pub(crate) fn v1(id: &str, total: &str) -> String {
    format!(
        "{V1_HEADER}{id}\t2026-07-01T10:00:00+00:00\t2026-07-15T10:00:00+00:00\t2026-07-17T10:00:00+00:00\t{total}\tUSD{}\n{id}\t\t\t\t\t\tSubscription Fee{}2026-07-02T10:00:00+00:00{}{total}\n",
        "\t".repeat(27),
        "\t".repeat(11),
        "\t".repeat(15)
    )
}

/// A directory with files in it.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}
