//! Rows of the VAT invoice data report that are made up: shipments and refunds with exact amounts.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::judge::COUNTRIES;
use crate::business::money::share;
use crate::business::random::Random;
use crate::clock::plus_ms;
use crate::marketplaces::{self, Marketplace};

const DAY_MS: i64 = 24 * 3_600_000;

/// Shipments to be made up: the same for the same figures. The percentages come true on the whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shipments {
    /// Another seed, other shipments.
    pub seed: u64,
    /// How many shipments, exactly; refunds come on top.
    pub shipments: usize,
    /// Their orders were placed in so many days before they are made up.
    pub days: u32,
    /// Of the shipments so many are refunded.
    pub refund_percent: u32,
    /// Of the shipments so many are invoiced by Amazon.
    pub amazon_invoiced_percent: u32,
    /// Of the shipments so many have no tax: `NoTaxCalculated`.
    pub no_tax_percent: u32,
    /// Of the buyers so many are companies with a VAT number.
    pub business_percent: u32,
    /// Refunds have negative amounts; `false` writes them positive.
    pub negative_refunds: bool,
}

impl Default for Shipments {
    fn default() -> Self {
        Self {
            seed: 1,
            shipments: 10,
            days: 10,
            refund_percent: 10,
            amazon_invoiced_percent: 5,
            no_tax_percent: 2,
            business_percent: 10,
            negative_refunds: true,
        }
    }
}

/// The columns in Amazon's order.
const HEADER: &str = "marketplace-id order-id order-item-id shipping-id transaction-id transaction-type invoice-number \
    invoice-status invoice-status-description is-amazon-invoiced order-date shipment-date buyer-vat-number \
    seller-vat-number asin sku product-name quantity-purchased currency item-vat-incl-amount item-vat-amount \
    item-vat-excl-amount item-vat-rate item-promo-vat-incl-amount item-promo-vat-excl-amount item-promo-vat-amount \
    item-promo-vat-rate item-promotion-id gift-wrap-vat-incl-amount gift-wrap-vat-amount gift-wrap-vat-excl-amount \
    gift-wrap-vat-rate gift-promo-vat-incl-amount gift-promo-vat-excl-amount gift-promo-vat-amount gift-promo-vat-rate \
    gift-promotion-id shipping-vat-incl-amount shipping-vat-amount shipping-vat-excl-amount shipping-vat-rate \
    shipping-promo-vat-incl-amount shipping-promo-vat-excl-amount shipping-promo-vat-amount shipping-promo-vat-rate \
    ship-promotion-id is-business-order price-designation purchase-order-number recipient-name ship-service-level \
    fulfilled-by ship-address-1 ship-address-2 ship-address-3 ship-city ship-state ship-postal-code ship-country \
    ship-phone-number ship-from-country ship-from-state ship-from-city ship-from-postal-code billing-name \
    bill-address-1 bill-address-2 bill-address-3 bill-city bill-state bill-postal-code bill-country \
    billing-phone-number buyer-name buyer-company-name legacy-customer-order-item-id recommended-invoice-format \
    buyer-tax-registration-type buyer-e-invoice-account-id is-buyer-physically-present is-seller-physically-present \
    citation-es citation-it citation-fr citation-de citation-en export-outside-eu is-invoice-corrected \
    original-vat-invoice-number invoice-correction-details";

/// A country's usual rate in ten-thousandths, and a place in it.
struct Land {
    country: &'static str,
    rate: i64,
    city: &'static str,
    postal_code: &'static str,
    seller: &'static str,
    buyer: &'static str,
}

const fn land(
    country: &'static str,
    rate: i64,
    city: &'static str,
    postal_code: &'static str,
    seller: &'static str,
    buyer: &'static str,
) -> Land {
    Land { country, rate, city, postal_code, seller, buyer }
}

#[rustfmt::skip]
const LANDS: &[Land] = &[
    land("DE", 1_900, "Berlin",    "10115",    "DE123456788",    "DE136695976"),
    land("FR", 2_000, "Lyon",      "69002",    "FR40303265045",  "FR83404833048"),
    land("IT", 2_200, "Milano",    "20121",    "IT00743110157",  "IT00154189997"),
    land("ES", 2_100, "Valencia",  "46001",    "ESB58378431",    "ESA13585625"),
    land("NL", 2_100, "Utrecht",   "3511 AA",  "NL004495445B01", "NL010000446B01"),
    land("PL", 2_300, "Kraków",    "31-001",   "PL8567346215",   "PL5260001246"),
    land("SE", 2_500, "Malmö",     "211 20",   "SE123456789701", "SE556188840401"),
    land("BE", 2_100, "Gent",      "9000",     "BE0428759497",   "BE0431150351"),
    land("GB", 2_000, "Leeds",     "LS1 1AA",  "GB980780684",    "GB802311782"),
    land("IE", 2_300, "Cork",      "T12 X0CE", "IE6433435F",     "IE6433435OA"),
];

const PRODUCTS: &[(&str, &str, &str, i64)] = &[
    ("LK-LAMP-01", "B00EXAMP21", "Desk lamp “Alster”, oak and brass, 40 cm", 4_990),
    ("LK-VASE-03", "B00EXAMP22", "Vase, hand-blown glass, green", 2_995),
    ("LK-MUG-11", "B00EXAMP23", "Mug, 0.3 l, set of 4", 1_849),
    ("LK-TOWEL-07", "B00EXAMP24", "Towel, cotton, 50 × 100 cm", 999),
    ("LK-CLOCK-02", "B00EXAMP25", "Wall clock, silent, ø 30 cm", 3_450),
];
const NAMES: &[&str] = &["Erika Muster", "Hélène Modèle", "Łukasz Przykład", "Γιώργος Παράδειγμα", "Åsa Exempel"];

/// One charge in hundredths: with tax, the tax, without.
#[derive(Clone, Copy, Default)]
struct Charge {
    gross: i64,
    vat: i64,
}

impl Charge {
    fn of(gross: i64, rate: i64) -> Self {
        let net = (gross * 10_000 + gross.signum() * (10_000 + rate) / 2) / (10_000 + rate);
        Self { gross, vat: gross - net }
    }
}

/// Makes the text of the rows, header first.
pub(super) fn make(wish: &Shipments, marketplace_ids: &[String], now: Timestamp) -> String {
    let known = marketplace_ids.iter().filter_map(|id| marketplaces::find(id));
    let places: Vec<&Marketplace> = known.filter(|known| COUNTRIES.contains(&known.country)).collect();
    let mut text = HEADER.split_whitespace().collect::<Vec<_>>().join("\t");
    text.push('\n');
    let mut random = Random::new(wish.seed);
    let Some(first) = places.first().copied() else { return text };
    for number in 1..=wish.shipments {
        let marketplace = random.pick(&places, first);
        write_shipment(&mut text, wish, marketplace, number, &mut random, now);
    }
    text
}

fn write_shipment(
    text: &mut String,
    wish: &Shipments,
    marketplace: &Marketplace,
    number: usize,
    random: &mut Random,
    now: Timestamp,
) {
    let Some(land) = LANDS.iter().find(|land| land.country == marketplace.country) else { return };
    let ordered = plus_ms(now, -random.between(DAY_MS / 4, i64::from(wish.days.max(1)) * DAY_MS));
    let amazon = random.percent(wish.amazon_invoiced_percent);
    let untaxed = !amazon && random.percent(wish.no_tax_percent);
    let status = match (amazon, untaxed) {
        (true, _) => "InvoiceCreatedByAmazon",
        (false, true) => "NoTaxCalculated",
        (false, false) => "InvoicePending",
    };
    let shipment = Shipment {
        land,
        currency: marketplace.currency,
        order_id: format!("302-{:07}-{number:07}", random.between(1_000_000, 9_999_999)),
        shipping_id: format!("{}{number:06}", wish.seed % 1_000 + 409),
        ordered: ordered.to_zoned(TimeZone::UTC).date().to_string(),
        shipped: plus_ms(ordered, DAY_MS / 4).to_zoned(TimeZone::UTC).date().to_string(),
        rate: if untaxed { 0 } else { land.rate },
        amazon,
        business: random.percent(wish.business_percent),
        name: random.pick(NAMES, "Erika Muster"),
    };
    let count = if random.percent(70) { 1 } else { random.between(2, 4) };
    let mut rows = Vec::new();
    for item in 1..=count {
        rows.push(Item::bought(item, shipment.rate, random));
    }
    let id = shipment.shipping_id.clone();
    for row in &rows {
        text.push_str(&shipment.line(row, "SHIPMENT", &id, status));
    }
    if !untaxed && random.percent(wish.refund_percent) {
        let status = if amazon { "CreditNoteCreatedByAmazon" } else { "CreditNotePending" };
        let transaction_id = format!("amzn1:crow:{:016x}{number:06}", random.next());
        let sign = if wish.negative_refunds { -1 } else { 1 };
        let kind = if random.percent(50) { "REFUND" } else { "RETURN" };
        for row in rows.iter().take(1) {
            text.push_str(&shipment.line(&row.signed(sign), kind, &transaction_id, status));
        }
    }
}

struct Shipment<'s> {
    land: &'s Land,
    currency: &'s str,
    order_id: String,
    shipping_id: String,
    ordered: String,
    shipped: String,
    rate: i64,
    amazon: bool,
    business: bool,
    name: &'s str,
}

/// A line item and its charges.
#[derive(Clone)]
struct Item {
    place: i64,
    product: (&'static str, &'static str, &'static str, i64),
    quantity: i64,
    price: Charge,
    promotion: Charge,
    gift_wrap: Charge,
    shipping: Charge,
    shipping_promotion: Charge,
}

impl Item {
    fn bought(place: i64, rate: i64, random: &mut Random) -> Self {
        let product = random.pick(PRODUCTS, ("LK-MUG-11", "B00EXAMP23", "Mug, 0.3 l, set of 4", 1_849));
        let quantity = random.between(1, 3);
        let gross = product.3 * quantity;
        let some = |percent: u32, amount: i64, random: &mut Random| if random.percent(percent) { amount } else { 0 };
        let promotion = some(20, -share(gross, 1_000), random);
        let gift_wrap = some(5, 350, random);
        let shipping = some(40, 495, random);
        let shipping_promotion = if shipping > 0 { some(30, -495, random) } else { 0 };
        let charge = |gross| Charge::of(gross, rate);
        Self {
            place,
            product,
            quantity,
            price: charge(gross),
            promotion: charge(promotion),
            gift_wrap: charge(gift_wrap),
            shipping: charge(shipping),
            shipping_promotion: charge(shipping_promotion),
        }
    }

    fn signed(&self, sign: i64) -> Self {
        let signed = |charge: Charge| Charge { gross: sign * charge.gross, vat: sign * charge.vat };
        Self {
            price: signed(self.price),
            promotion: signed(self.promotion),
            gift_wrap: signed(self.gift_wrap),
            shipping: signed(self.shipping),
            shipping_promotion: signed(self.shipping_promotion),
            ..self.clone()
        }
    }
}

fn decimal(hundredths: i64) -> String {
    crate::business::money::Currency { code: "", decimals: 2 }.text(hundredths)
}

impl Shipment<'_> {
    fn line(&self, row: &Item, kind: &str, transaction_id: &str, status: &str) -> String {
        let values: Vec<_> =
            HEADER.split_whitespace().map(|name| self.value(name, row, kind, transaction_id, status)).collect();
        format!("{}\n", values.join("\t"))
    }

    fn value(&self, name: &str, row: &Item, kind: &str, transaction_id: &str, status: &str) -> String {
        if let Some((charge, amount)) = name.split_once("-vat-") {
            return self.amount(row, charge, amount);
        }
        let land = self.land;
        let business = |text: &str| if self.business { text.to_owned() } else { String::new() };
        match name {
            "marketplace-id" if land.country == "GB" => "UK".to_owned(),
            "marketplace-id" | "ship-country" | "ship-from-country" | "bill-country" => land.country.to_owned(),
            "order-id" => self.order_id.clone(),
            "order-item-id" | "legacy-customer-order-item-id" => format!("{}{}", self.shipping_id, row.place),
            "shipping-id" => self.shipping_id.clone(),
            "transaction-id" => transaction_id.to_owned(),
            "transaction-type" => kind.to_owned(),
            "invoice-status" => status.to_owned(),
            "is-amazon-invoiced" => self.amazon.to_string().to_uppercase(),
            "is-business-order" | "is-buyer-physically-present" => self.business.to_string().to_uppercase(),
            "is-seller-physically-present" => "TRUE".to_owned(),
            "export-outside-eu" | "is-invoice-corrected" => "FALSE".to_owned(),
            "order-date" => self.ordered.clone(),
            "shipment-date" => self.shipped.clone(),
            "asin" => row.product.1.to_owned(),
            "sku" => row.product.0.to_owned(),
            "product-name" => row.product.2.to_owned(),
            "quantity-purchased" => row.quantity.to_string(),
            "currency" => self.currency.to_owned(),
            "price-designation" => if self.business { "Business Price" } else { "Standard Price" }.to_owned(),
            "recipient-name" | "billing-name" | "buyer-name" => self.name.to_owned(),
            "buyer-company-name" => business("Example GmbH"),
            "buyer-tax-registration-type" => business("VAT"),
            "ship-service-level" => "Standard".to_owned(),
            "fulfilled-by" => if self.shipping_id.ends_with('7') { "MFN" } else { "FBA" }.to_owned(),
            "ship-address-1" | "bill-address-1" => "Example Street 12".to_owned(),
            "ship-city" | "bill-city" | "ship-from-city" => land.city.to_owned(),
            "ship-postal-code" | "bill-postal-code" | "ship-from-postal-code" => land.postal_code.to_owned(),
            // Amazon recommends XML for companies in Italy.
            "recommended-invoice-format" if self.business && land.country == "IT" => "XML".to_owned(),
            "recommended-invoice-format" => "PDF".to_owned(),
            _ => String::new(),
        }
    }

    /// An amount or a rate, or a registration for VAT.
    fn amount(&self, row: &Item, charge: &str, amount: &str) -> String {
        let charge = match charge {
            "seller" => return if self.rate == 0 { String::new() } else { self.land.seller.to_owned() },
            "buyer" if self.business => return self.land.buyer.to_owned(),
            "item" => row.price,
            "item-promo" => row.promotion,
            "gift-wrap" => row.gift_wrap,
            "shipping" => row.shipping,
            "shipping-promo" => row.shipping_promotion,
            _ => return String::new(),
        };
        match amount {
            _ if charge.gross == 0 => String::new(),
            "incl-amount" => decimal(charge.gross),
            "amount" => decimal(charge.vat),
            "excl-amount" => decimal(charge.gross - charge.vat),
            "rate" => crate::business::money::rate_text(self.rate),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<String> {
        ["A1PA6795UKMFR9", "A1F83G8C2ARO7P", "ATVPDKIKX0DER"].map(str::to_owned).to_vec()
    }

    #[test]
    fn every_charge_is_net_and_vat() {
        let now = "2026-11-22T04:00:00Z".parse().unwrap();
        let text = make(&Shipments { shipments: 200, ..Shipments::default() }, &ids(), now);
        assert_eq!(text, make(&Shipments { shipments: 200, ..Shipments::default() }, &ids(), now));
        let names: Vec<_> = text.lines().next().unwrap().split('\t').collect();
        assert_eq!(names.len(), 90);
        let mut refunds = 0;
        for line in text.lines().skip(1) {
            let values: Vec<_> = line.split('\t').collect();
            assert_eq!(values.len(), names.len());
            let get = |name: &str| values[names.iter().position(|known| *known == name).unwrap()];
            for charge in ["item", "item-promo", "gift-wrap", "shipping", "shipping-promo"] {
                let hundredths = |part: &str| {
                    let text = get(&format!("{charge}-vat-{part}")).replace('.', "");
                    if text.is_empty() { 0 } else { text.parse::<i64>().unwrap() }
                };
                assert_eq!(hundredths("incl-amount"), hundredths("amount") + hundredths("excl-amount"), "{line}");
            }
            assert!(["DE", "UK"].contains(&get("marketplace-id")));
            refunds += usize::from(get("transaction-type") != "SHIPMENT");
        }
        assert!((8..60).contains(&refunds), "{refunds}");
    }

    #[test]
    fn the_tax_is_rounded_once() {
        let charge = Charge::of(4_990, 1_900);
        assert_eq!((charge.gross, charge.vat), (4_990, 797));
        assert_eq!(Charge::of(-4_990, 1_900).vat, -797);
    }
}
