//! What differs from region to region, and the names that are made up.

use super::super::money::Currency;
use super::super::random::Random;
use crate::marketplaces::Region;

/// A marketplace of Amazon Business.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Market {
    pub(crate) marketplace_id: &'static str,
    pub(crate) currency: Currency,
    /// Tax rates in ten-thousandths.
    pub(crate) rates: &'static [i64],
    /// The first part of its order numbers.
    pub(crate) order_prefix: &'static str,
    /// Its invoices come whole.
    pub(crate) whole_invoices: bool,
    pub(crate) country: &'static str,
}

const fn market(
    country: &'static str,
    marketplace_id: &'static str,
    code: &'static str,
    rates: &'static [i64],
    order_prefix: &'static str,
) -> Market {
    let decimals = if matches!(code.as_bytes(), b"JPY") { 0 } else { 2 };
    let whole_invoices = matches!(country.as_bytes(), b"JP");
    Market { marketplace_id, currency: Currency { code, decimals }, rates, order_prefix, whole_invoices, country }
}

/// The first of each list stands for the region; it is listed more than once where more is bought there.
const EU: &[Market] = &[
    market("DE", "A1PA6795UKMFR9", "EUR", &[1_900, 700], "302"),
    market("FR", "A13V1IB3VIYZZH", "EUR", &[2_000, 550], "403"),
    market("DE", "A1PA6795UKMFR9", "EUR", &[1_900, 700], "304"),
    market("GB", "A1F83G8C2ARO7P", "GBP", &[2_000, 0], "203"),
];
const NA: &[Market] = &[
    market("US", "ATVPDKIKX0DER", "USD", &[0, 825, 625], "114"),
    market("US", "ATVPDKIKX0DER", "USD", &[0, 700], "112"),
    market("CA", "A2EUQ1WTGCTBG2", "CAD", &[1_300, 500], "701"),
    market("MX", "A1AM78C64UM0Y8", "MXN", &[1_600], "702"),
];
const JP: &[Market] = &[
    market("JP", "A1VC38T7YXB528", "JPY", &[1_000, 800], "250"),
    market("JP", "A1VC38T7YXB528", "JPY", &[1_000], "503"),
    market("AU", "A39IBJ37TRP1C6", "AUD", &[1_000], "250"),
];

/// A marketplace of a region.
pub(crate) fn one(region: Region, random: &mut Random) -> Market {
    let first = |list: &[Market]| list.first().copied();
    let list = match region {
        Region::Eu => EU,
        Region::Na => NA,
        Region::Fe => JP,
    };
    let or = first(list).unwrap_or(market("DE", "A1PA6795UKMFR9", "EUR", &[1_900], "302"));
    random.pick(list, or)
}

/// An item that companies buy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product {
    pub(crate) asin: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unspsc: &'static str,
    /// The price of one unit, in hundredths of an euro or a dollar.
    pub(crate) price: i64,
}

const fn product(asin: &'static str, unspsc: &'static str, price: i64, title: &'static str) -> Product {
    Product { asin, title, unspsc, price }
}

const PRODUCTS: &[Product] = &[
    product("B00EXAMP01", "44121704", 1_249, "Ballpoint pens, blue, box of 50"),
    product("B00EXAMP02", "14111507", 2_999, "Copy paper A4, 80 g/m², 5 × 500 sheets"),
    product("B00EXAMP03", "43211708", 3_990, "Mouse, wired, ambidextrous"),
    product("B00EXAMP04", "43211902", 18_900, "Monitor 24\", 1920 × 1080"),
    product("B00EXAMP05", "47131502", 799, "Microfibre cloths, pack of 12"),
    product("B00EXAMP06", "46181504", 1_595, "Gloves \"Größe 9\", nitrile, box of 100"),
    product("B00EXAMP07", "27111701", 4_450, "Screwdrivers, insulated, set of 7"),
    product("B00EXAMP08", "50201706", 1_899, "Coffee beans, 1 kg"),
    product("B00EXAMP09", "44103103", 7_425, "Toner, black, 2,300 pages"),
    product("B00EXAMP10", "39101600", 349, "LED lamp E27, 9 W"),
    product("B00EXAMP11", "31201500", 259, "Adhesive tape, 66 m; clear"),
    product("B00EXAMP12", "56101504", 12_999, "Office chair – mesh back, black"),
];

/// Something to buy.
pub(crate) fn a_product(random: &mut Random) -> Product {
    random.pick(PRODUCTS, product("B00EXAMP01", "44121704", 1_249, "Ballpoint pens, blue, box of 50"))
}

/// Ways to pay; what has a number has last digits.
pub(crate) const INSTRUMENTS: &[(&str, bool)] = &[
    ("Pay by Invoice", false),
    ("Visa", true),
    ("MasterCard", true),
    ("Bank account", true),
    ("AmericanExpress", true),
    ("Gift Card", false),
];

pub(crate) const GROUPS: &[(&str, &str)] = &[
    ("Example Manufacturing GmbH", "Workshop"),
    ("Example Manufacturing GmbH", "Office"),
    ("Example Holding SE", "IT"),
    ("Example Services Ltd", "Facilities"),
];

pub(crate) const PEOPLE: &[(&str, &str)] = &[
    ("Erika Beispiel", "erika.beispiel@example.com"),
    ("Max Exemple", "max.exemple@example.com"),
    ("山田 花子", "hanako.yamada@example.com"),
    ("Łucja Przykładowa", "lucja@example.com"),
];

pub(crate) const MERCHANTS: &[&str] =
    &["Example Trading GmbH", "Amazon EU S.à r.l.", "Exemple SARL", "例示商事株式会社"];
pub(crate) const REASONS: &[&str] = &["Customer return", "Damaged in transit", "Price adjustment", "Item not received"];
