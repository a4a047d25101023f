//! Documents for tests and benchmarks: every case and language, made up.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::assigning_clones,
    clippy::cast_possible_wrap,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "made-up documents for tests and measurements: they fail by ending"
)]

use countinghouse_domain::document::{Amounts, DocumentKind, Personal};
use countinghouse_domain::money::Currency;
use countinghouse_invoicing::Issue;
use countinghouse_vat_invoices::document::{
    Attentions, Buyer, Charge, ChargeKind, Citations, DueDocument, InvoiceFormat, Line, Original, Place, PostalAddress,
    RateTotal, RegistrationType, Seller, TransactionType, Treatment,
};
use countinghouse_vat_invoices::status::{InvoiceStatus, KnownStatus};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

/// The day on which all of them are issued.
pub(crate) const TODAY: Date = date(2026, 11, 22);

/// The number of a document, told by its name.
pub(crate) fn issue(number: &str) -> Issue {
    Issue { number: number.to_owned(), issued_on: TODAY }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn personal(text: &str) -> Personal {
    Personal::from(text)
}

/// An address from `name; line; …; postal code; city; state; country`.
pub(crate) fn address(text: &str) -> PostalAddress {
    let mut parts: Vec<&str> = text.split("; ").collect();
    let country = parts.pop().expect("a country");
    let state = parts.pop().expect("a state");
    let city = parts.pop().expect("a city");
    let postal_code = parts.pop().expect("a postal code");
    PostalAddress {
        name: personal(parts[0]),
        lines: parts[1..].iter().map(|line| personal(line)).collect(),
        city: personal(city),
        state: personal(state),
        postal_code: personal(postal_code),
        country: country.to_owned(),
        phone: Personal::default(),
    }
}

/// A charge from gross, VAT and net, with Amazon's sums as they are.
pub(crate) fn charge(kind: ChargeKind, rate: &str, gross: &str, vat: &str, net: &str, treatment: Treatment) -> Charge {
    let rate = decimal(rate);
    Charge {
        kind,
        amounts: Amounts { gross: decimal(gross), vat: decimal(vat), net: decimal(net) },
        rate,
        category: treatment.category(rate),
        promotion_id: if kind.is_promotion() { "136643052:AKY54VWVKS3JCY6T".to_owned() } else { String::new() },
    }
}

/// A line of one article.
pub(crate) fn line(number: usize, title: &str, quantity: i64, charges: Vec<Charge>) -> Line {
    Line {
        source_line: number as u64 + 1,
        order_item_id: format!("5835637773{number:02}"),
        sku: format!("LK-{:05}-{}", 10_200 + number * 17, ["OAK", "ASH", "ELM"][number % 3]),
        asin: format!("B0{:08}", 7_210_455 + number * 7_919),
        title: title.to_owned(),
        quantity,
        price_designation: String::new(),
        charges,
    }
}

/// The document of these lines: totals and sums by rate are added up as the reader of the report does.
pub(crate) fn document(marketplace: &str, currency: &str, treatment: Treatment, lines: Vec<Line>) -> DueDocument {
    let mut total = Amounts::ZERO;
    let mut by_rate: Vec<RateTotal> = Vec::new();
    for charge in lines.iter().flat_map(|line| &line.charges) {
        total = total.plus(charge.amounts).expect("a sum");
        let key = (charge.category, charge.rate);
        match by_rate.iter_mut().find(|group| (group.category, group.rate) == key) {
            Some(group) => group.total = group.total.plus(charge.amounts).expect("a sum"),
            None => by_rate.push(RateTotal { category: charge.category, rate: charge.rate, total: charge.amounts }),
        }
    }
    by_rate.sort_by_key(|group| group.rate);
    DueDocument {
        kind: DocumentKind::Invoice,
        transaction_type: TransactionType::Shipment,
        order_id: "306-4471920-8830157".to_owned(),
        shipping_id: "409302382".to_owned(),
        transaction_id: "409302382".to_owned(),
        status: InvoiceStatus::Known(KnownStatus::InvoicePending),
        status_description: String::new(),
        is_amazon_invoiced: Some(false),
        uploaded_number: String::new(),
        marketplace: marketplace.to_owned(),
        fulfilled_by: "FBA".to_owned(),
        currency: currency.parse::<Currency>().expect("a currency"),
        order_date: Some(date(2026, 11, 19)),
        shipment_date: Some(date(2026, 11, 21)),
        seller: Seller { vat_number: "DE123456788".to_owned(), is_established: Some(true) },
        buyer: Buyer::default(),
        bill_to: PostalAddress::default(),
        ship_to: PostalAddress::default(),
        ship_from: Place { country: "DE".to_owned(), ..Place::default() },
        purchase_order: Personal::default(),
        is_business_order: Some(false),
        lines,
        total,
        by_rate,
        as_reported: total,
        treatment,
        tax_country: marketplace.to_owned(),
        citations: Citations::default(),
        original: None,
        correction: None,
        recommended_format: InvoiceFormat::Pdf,
        attention: Attentions::default(),
    }
}

fn to(document: &mut DueDocument, text: &str) {
    document.ship_to = address(text);
    document.bill_to = address(text);
    document.buyer.name = document.bill_to.name.clone();
}

/// The same document with an ordinary buyer in Germany.
pub(crate) fn addressed(mut document: DueDocument) -> DueDocument {
    to(&mut document, "Ida Sander; Werkhof 3; 80331; München; Bayern; DE");
    document
}

/// A simple sale of one piece.
fn plain(marketplace: &str, currency: &str, title: &str, rate: &str, figures: [&str; 3], buyer: &str) -> DueDocument {
    let [gross, vat, net] = figures;
    let charge = charge(ChargeKind::Item, rate, gross, vat, net, Treatment::Domestic);
    let mut document = document(marketplace, currency, Treatment::Domestic, vec![line(1, title, 1, vec![charge])]);
    to(&mut document, buyer);
    document
}

/// Germany: an article with gift wrap, shipping and promotions, and one at the reduced rate.
pub(crate) fn domestic() -> DueDocument {
    let standard = |kind, gross, vat, net| charge(kind, "0.19", gross, vat, net, Treatment::Domestic);
    let lamp = vec![
        standard(ChargeKind::Item, "119.80", "19.13", "100.67"),
        standard(ChargeKind::GiftWrap, "3.99", "0.64", "3.35"),
        standard(ChargeKind::Shipping, "4.99", "0.80", "4.19"),
        standard(ChargeKind::ItemPromotion, "-11.98", "-1.91", "-10.07"),
        standard(ChargeKind::ShippingPromotion, "-4.99", "-0.80", "-4.19"),
    ];
    let reduced = |kind, gross, vat, net| charge(kind, "0.07", gross, vat, net, Treatment::Domestic);
    let book = vec![
        reduced(ChargeKind::Item, "44.85", "2.93", "41.92"),
        reduced(ChargeKind::Shipping, "2.99", "0.20", "2.79"),
    ];
    let lines = vec![
        line(1, "Linden & Kiesel Tischleuchte „Nordlicht“, dimmbar, Eiche geölt, mit Textilkabel 1,8 m", 2, lamp),
        line(2, "Das große Buch der Hölzer – Bestimmen, Trocknen, Verarbeiten (gebundene Ausgabe)", 3, book),
    ];
    let mut document = document("DE", "EUR", Treatment::Domestic, lines);
    to(&mut document, "Zoë Müller-Özdemir; Rosenstraße 12; Hinterhaus, 3. OG links; 10115; Berlin; ; DE");
    document.ship_to = address("Jörg Müller; Am Bäckeranger 7; 99084; Erfurt; Thüringen; DE");
    document
}

/// Germany: a business customer with its own order number.
pub(crate) fn business() -> DueDocument {
    let item = charge(ChargeKind::Item, "0.19", "1428.00", "228.00", "1200.00", Treatment::Domestic);
    let lines = vec![line(1, "Besprechungstisch Erle massiv, 240 × 100 cm", 4, vec![item])];
    let mut document = document("DE", "EUR", Treatment::Domestic, lines);
    to(&mut document, "Ida Sander; Werkhof 3; 80331; München; Bayern; DE");
    document.buyer.company = personal("Sander Innenausbau GmbH & Co. KG");
    document.buyer.vat_number = personal("DE987654321");
    document.buyer.registration_type = RegistrationType::Vat;
    document.purchase_order = personal("AB45-234934");
    document.is_business_order = Some(true);
    document
}

/// From Germany to a consumer in France, VAT of France through the One-Stop-Shop, 5.5 % and 20 %.
pub(crate) fn oss() -> DueDocument {
    let item = |rate, gross, vat, net| charge(ChargeKind::Item, rate, gross, vat, net, Treatment::Oss);
    let lines = vec![
        line(1, "Lampe de table « Aurore », chêne huilé", 1, vec![item("0.20", "59.90", "9.98", "49.92")]),
        line(2, "Le grand livre des bois", 1, vec![item("0.055", "29.90", "1.56", "28.34")]),
    ];
    let mut document = document("FR", "EUR", Treatment::Oss, lines);
    to(&mut document, "Anaïs Lefèbvre; 14 bis rue de l’Œuvre; Appartement 5; 69002; Lyon; ; FR");
    document
}

/// From Germany to a business in the Netherlands: category K.
pub(crate) fn intra_community() -> DueDocument {
    let item = charge(ChargeKind::Item, "0", "412.50", "0.00", "412.50", Treatment::IntraCommunity);
    let shipping = charge(ChargeKind::Shipping, "0", "12.40", "0.00", "12.40", Treatment::IntraCommunity);
    let lines = vec![line(1, "Massief eiken wandplank, set van drie", 7, vec![item, shipping])];
    let mut document = document("NL", "EUR", Treatment::IntraCommunity, lines);
    to(&mut document, "Inkoop; Keizersgracht 221; 1016 DV; Amsterdam; ; NL");
    document.buyer.company = personal("Van der Meulen & IJssel B.V.");
    document.buyer.vat_number = personal("NL123456789B01");
    document.buyer.registration_type = RegistrationType::Vat;
    document.citations.en =
        "Intra-Community supply exempt from VAT pursuant to Article 138 of Directive 2006/112/EC".into();
    document
}

/// Within Spain to a business, the buyer owes the VAT: category AE.
pub(crate) fn reverse_charge() -> DueDocument {
    let item = charge(ChargeKind::Item, "0", "249.00", "0.00", "249.00", Treatment::ReverseCharge);
    let lines = vec![line(1, "Escritorio plegable de roble «Año Nuevo»", 1, vec![item])];
    let mut document = document("ES", "EUR", Treatment::ReverseCharge, lines);
    document.seller.vat_number = "ESN1234567J".to_owned();
    document.ship_from.country = "ES".to_owned();
    to(&mut document, "Íñigo Núñez; Calle de la Peña 3, 2.º izq.; 28013; Madrid; Madrid; ES");
    document.buyer.company = personal("Muebles Núñez e Hijos S.L.");
    document.buyer.vat_number = personal("ESB12345674");
    document.buyer.registration_type = RegistrationType::Vat;
    document.citations.es = "Inversión del sujeto pasivo, artículo 84 de la Ley 37/1992 del IVA".into();
    document
}

/// From Germany to Switzerland: category G.
pub(crate) fn export() -> DueDocument {
    let item = charge(ChargeKind::Item, "0", "189.00", "0.00", "189.00", Treatment::Export);
    let lines = vec![line(1, "Garderobe aus Eschenholz, 5 Haken", 1, vec![item])];
    let mut document = document("DE", "EUR", Treatment::Export, lines);
    to(&mut document, "Reto Zürcher; Bahnhofstrasse 1; 8001; Zürich; ZH; CH");
    document.citations.de = "Steuerfreie Ausfuhrlieferung gemäß § 4 Nr. 1a UStG in Verbindung mit § 6 UStG".into();
    document
}

/// In Italy to an Italian business: FatturaPA, and the PDF is a duplicate.
pub(crate) fn italy() -> DueDocument {
    let item = charge(ChargeKind::Item, "0.22", "244.00", "44.00", "200.00", Treatment::Domestic);
    let promotion = charge(ChargeKind::ItemPromotion, "0.22", "-24.40", "-4.40", "-20.00", Treatment::Domestic);
    let lines = vec![line(1, "Lampada da tavolo «Città», rovere oliato – 2 pezzi", 2, vec![item, promotion])];
    let mut document = document("IT", "EUR", Treatment::Domestic, lines);
    document.seller.vat_number = "IT01234567897".to_owned();
    document.ship_from.country = "IT".to_owned();
    to(&mut document, "Niccolò D’Àvila; Via dell’Università 8; 50121; Firenze; FI; IT");
    document.buyer.company = personal("Łódź Παπαδόπουλος & Figli S.r.l.");
    document.buyer.vat_number = personal("IT12345670017");
    document.buyer.registration_type = RegistrationType::Vat;
    document.buyer.e_invoice_account = personal("ABC1234");
    document.is_business_order = Some(true);
    document.recommended_format = InvoiceFormat::Xml;
    document
}

/// A refund in Germany: the signs are those of the document, positive.
pub(crate) fn credit_note() -> DueDocument {
    let mut document = domestic();
    document.kind = DocumentKind::CreditNote;
    document.transaction_type = TransactionType::Refund;
    document.status = InvoiceStatus::Known(KnownStatus::CreditNotePending);
    document.transaction_id = "amzn1:crow:A0f6kWaFSV6ymAlMHe4VJw".to_owned();
    let number = "DE-2026-000123".to_owned();
    document.original = Some(Original { number, issued_on: Some(date(2026, 10, 30)), shipping_id: "409302382".into() });
    document
}

/// A new invoice after the address was amended.
pub(crate) fn correction() -> DueDocument {
    let mut document = business();
    document.correction = Some("New invoice issued after amending billing address on original VAT invoice.".to_owned());
    let number = "DE-2026-000098".to_owned();
    document.original = Some(Original { number, issued_on: None, shipping_id: "409302382".into() });
    document
}

/// 120 lines, long titles, all kinds of charges: more than five pages.
pub(crate) fn long() -> DueDocument {
    let titles = [
        "Hängeleuchte",
        "Regalbrett Eiche massiv geölt 120 × 24 cm, Stärke 28 mm, mit verdeckter Befestigung für Wand aus Beton oder Holz",
        "Schraubensatz M4×40_VERZINKT_DIN7985_1000STK_GROSSHANDELSPACKUNG/INDUSTRIE+HANDWERK",
        "Superkalifragilistischexpiallegorisch-Kindertischlampe mit Nachtlichtfunktion, Timer und Fernbedienung, GS-geprüft",
    ];
    let lines = (1..=120_usize).map(|number| {
        let item = charge(ChargeKind::Item, "0.19", "11.90", "1.90", "10.00", Treatment::Domestic);
        let shipping = charge(ChargeKind::Shipping, "0.19", "4.99", "0.80", "4.19", Treatment::Domestic);
        let charges = if number % 4 == 0 { vec![item, shipping] } else { vec![item] };
        line(number, titles[number % 4], 1 + (number % 3) as i64, charges)
    });
    let mut document = document("DE", "EUR", Treatment::Domestic, lines.collect());
    to(&mut document, "Ida Sander; Werkhof 3; 80331; München; Bayern; DE");
    document.buyer.company = personal("Sander Innenausbau GmbH & Co. KG");
    document
}

/// Every script, and signs that no font has.
pub(crate) fn scripts() -> DueDocument {
    let item = |number, title| {
        line(number, title, 1, vec![charge(ChargeKind::Item, "0.20", "12.00", "2.00", "10.00", Treatment::Domestic)])
    };
    let lines = vec![
        item(1, "山田製作所 木製デスクランプ（ナチュラル）LED調光対応 卓上ライト 読書灯 北欧風デザイン"),
        item(2, "원목 책상 조명 스탠드 – 밝기 조절 가능, 독서등"),
        item(3, "Настольная лампа «Северное сияние», дуб; Ξύλινο επιτραπέζιο φωτιστικό"),
        item(4, "مصباح مكتبي خشبي / מנורת שולחן / โคมไฟตั้งโต๊ะ / ხის ნათურა"),
        item(5, "🔥 HOT ❤\u{fe0f} Lamp ✨ ½ price ≥ 5 m² — ™ ® → ✓ \u{1F1E9}\u{1F1EA} 𠮷野家"),
    ];
    let mut document = document("GB", "GBP", Treatment::Domestic, lines);
    document.seller.vat_number = "GB123456782".to_owned();
    document.ship_from.country = "GB".to_owned();
    to(&mut document, "王小明 Xiaoming Wang; 12 Any Street; Flat 4; SW1A 1AA; London; ; GB");
    document
}

/// Hardly anything but what must be there.
pub(crate) fn bare() -> DueDocument {
    let mut document = plain("IE", "EUR", "", "0.23", ["12.30", "2.30", "10.00"], "; ; ; ; IE");
    document.order_date = None;
    document.lines[0].sku = String::new();
    document.ship_from = Place::default();
    document.buyer.name = personal("A. Murphy");
    document
}

/// Poland.
pub(crate) fn poland() -> DueDocument {
    let buyer = "Władysław Świętochowski; ul. Żółkiewskiego 5/7; 00-001; Warszawa; ; PL";
    plain("PL", "PLN", "Lampa stołowa „Zorza”, dąb olejowany", "0.23", ["1230.00", "230.00", "1000.00"], buyer)
}

/// Sweden.
pub(crate) fn sweden() -> DueDocument {
    let buyer = "Åsa Öberg; Drottninggatan 11; 111 51; Stockholm; ; SE";
    plain("SE", "SEK", "Bordslampa ”Norrsken”, oljad ek", "0.25", ["1250.00", "250.00", "1000.00"], buyer)
}

/// The United Kingdom.
pub(crate) fn britain() -> DueDocument {
    let buyer = "Siobhán O’Neill-Fitzgerald; Rose Cottage; 3 Mill Lane; OX1 1AA; Oxford; Oxfordshire; GB";
    let mut document =
        plain("GB", "GBP", "“Northern Lights” table lamp, oiled oak", "0.20", ["54.00", "9.00", "45.00"], buyer);
    document.seller.vat_number = "GB123456782".to_owned();
    document.ship_from.country = "GB".to_owned();
    document
}

/// Large amounts and an address that hardly fits.
pub(crate) fn wide() -> DueDocument {
    let item = charge(ChargeKind::Item, "0.19", "1469134.80", "234567.74", "1234567.06", Treatment::Domestic);
    let promotion =
        charge(ChargeKind::ItemPromotion, "0.19", "-146913.48", "-23456.77", "-123456.71", Treatment::Domestic);
    let lines = vec![line(
        1,
        "Ausstattung eines Bürohauses mit Möbeln und Leuchten, Lieferung frei Bordsteinkante",
        12_345,
        vec![item, promotion],
    )];
    let mut document = document("DE", "EUR", Treatment::Domestic, lines);
    let lines = "Abteilung Einkauf und Gebäudewirtschaft, Kostenstelle 4711-08-15; Straße des siebzehnten Juni 135, Gebäude H, Raum 4711; Zufahrt über die Marchstraße";
    to(
        &mut document,
        &format!(
            "Dr. Maximiliane-Friederike Freifrau von und zu Beispielshausen-Musterberg; {lines}; 10623; Berlin-Charlottenburg; ; DE"
        ),
    );
    document.buyer.company = personal("Gesellschaft für angewandte Mustererkennung und Beispielforschung mbH & Co. KG");
    document.purchase_order = personal("EINKAUF/2026/11/BERLIN-CHARLOTTENBURG/KOSTENSTELLE-4711-08-15/000123");
    document
}

/// All of them with their names.
pub(crate) fn all() -> Vec<(&'static str, DueDocument)> {
    vec![
        ("domestic", domestic()),
        ("business", business()),
        ("oss", oss()),
        ("intra-community", intra_community()),
        ("reverse-charge", reverse_charge()),
        ("export", export()),
        ("italy", italy()),
        ("credit-note", credit_note()),
        ("correction", correction()),
        ("long", long()),
        ("wide", wide()),
        ("scripts", scripts()),
        ("bare", bare()),
        ("poland", poland()),
        ("sweden", sweden()),
        ("britain", britain()),
    ]
}
