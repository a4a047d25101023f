//! The same document is recognised in a later report by its fingerprint.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::facts::facts;
use super::{Amounts, Document, DocumentLine};

impl Document {
    /// A digest of everything that Amazon states about the document: two reports that state the same agree.
    ///
    /// Left out are the address where Amazon keeps the document (it changes between downloads), the place in
    /// the report, columns that no table knows, and our own flags. `12.50` and `12.5` are the same amount.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.canonical_text().as_bytes());
        let mut hex = String::with_capacity(64);
        for byte in digest {
            let _infallible = write!(hex, "{byte:02x}");
        }
        hex
    }

    /// What the fingerprint is a digest of: one fact on each line. It has personal data.
    fn canonical_text(&self) -> String {
        let mut text = String::with_capacity(1024);
        let _infallible = write_document(&mut text, self);
        text
    }
}

fn write_document(text: &mut String, document: &Document) -> std::fmt::Result {
    writeln!(text, "document v1\n{}\n{}", document.key, document.currency)?;
    for fact in facts(document).filter(|fact| !fact.text.is_empty()) {
        // Debug notation: a line break within a text cannot look like the next fact.
        writeln!(text, "{}={:?}", fact.name, fact.text)?;
    }
    writeln!(
        text,
        "{:?} {:?} {} {}",
        document.order_date, document.is_amazon_invoiced, document.is_correction, document.export
    )?;
    if let Some(conversion) = &document.conversion {
        let rate = conversion.rate.map(|rate| rate.normalize());
        writeln!(text, "conversion {:?} {rate:?} {:?}", conversion.currency, conversion.date)?;
    }
    for line in &document.lines {
        write_line(text, line)?;
    }
    Ok(())
}

fn write_line(text: &mut String, line: &DocumentLine) -> std::fmt::Result {
    let identity = line.identity();
    writeln!(text, "line {identity:?}")?;
    let DocumentLine { transaction_type, product_tax_code, reason_code, quantity, .. } = line;
    writeln!(text, "{transaction_type:?} {product_tax_code:?} {reason_code:?} {quantity:?}")?;
    let rate = line.rate.map(|rate| rate.normalize());
    writeln!(text, "{:?} {:?} {rate:?} {}", line.shipped_on, line.tax_calculated_on, plain(line.converted_vat))?;
    for component in [&line.item, &line.shipping, &line.gift_wrap] {
        for Amounts { gross, vat, net } in [component.price, component.promotion] {
            write!(text, "{} {} {} ", plain(gross), plain(vat), plain(net))?;
        }
    }
    writeln!(text)
}

/// Without trailing zeros, and zero without a sign.
fn plain(amount: Decimal) -> Decimal {
    amount.normalize()
}
