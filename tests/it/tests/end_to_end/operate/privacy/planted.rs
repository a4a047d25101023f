//! Values that stand nowhere by chance, and the search for them.

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::vendor::{STREET, retail};
use fake_amazon::SellerConfig;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Every value that went in somewhere.
#[derive(Debug, Default)]
pub(super) struct Planted {
    values: Vec<(String, String, Kept)>,
    order: String,
}

/// Whether a value must be found in a table or in the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Stored,
    /// Stored, and shown to the person who has to mend it; never logged.
    Shown,
    Elsewhere,
}

/// What a token, a secret or a signed address looks like, whatever its value.
const SHAPES: [&str; 9] = [
    "Atza|",
    "Atzr|",
    "Atc|",
    "Atz.sprdt|",
    "amzn1.oa2-cs",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "x-amz-access-token",
    "client_secret=",
];

impl Planted {
    /// A text that stands nowhere else, and that is stored where it belongs.
    pub(super) fn text(&mut self, what: &str) -> String {
        self.value(what, Kept::Stored)
    }

    /// A text that makes a report unreadable: whoever has to mend it is told what stands there, and no log is.
    pub(super) fn mistake(&mut self, what: &str) -> String {
        self.value(what, Kept::Shown)
    }

    /// Whether a command may show it to a person.
    fn is_for_people(&self, value: &str) -> bool {
        self.values.iter().any(|(_, known, kept)| known == value && *kept == Kept::Shown)
    }

    /// A text that is stored nowhere that a test can see.
    pub(super) fn passing(&mut self, what: &str) -> String {
        self.value(what, Kept::Elsewhere)
    }

    /// A value that another has thought of.
    pub(super) fn known(&mut self, what: &str, value: &str) {
        self.values.push((what.to_owned(), value.to_owned(), Kept::Elsewhere));
    }

    fn value(&mut self, what: &str, kept: Kept) -> String {
        let value = format!("Zyxplant{:03}q", self.values.len());
        self.values.push((what.to_owned(), value.clone(), kept));
        value
    }

    /// A value of digits, for example of a telephone or a registration.
    pub(super) fn digits(&mut self, what: &str) -> String {
        let value = format!("908172{:03}", self.values.len());
        self.values.push((what.to_owned(), value.clone(), Kept::Stored));
        value
    }

    /// All values, and what each is.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(what, value, _)| (what.as_str(), value.as_str()))
    }

    /// Those that are stored.
    pub(super) fn stored(&self) -> impl Iterator<Item = (&str, &str)> {
        let stored = self.values.iter().filter(|(_, _, kept)| *kept != Kept::Elsewhere);
        stored.map(|(what, value, _)| (what.as_str(), value.as_str()))
    }

    /// The order whose VAT rows have planted values.
    pub(super) fn order(&self) -> String {
        self.order.clone()
    }
}

/// The lines that show what they must not, each with what it shows and who said it.
pub(super) fn leaks(planted: &Planted, lines: &[(String, String)]) -> Vec<String> {
    let secret = SellerConfig::example_eu().client_secret.expose().to_owned();
    let mut wanted: Vec<(&str, &str)> = planted.all().collect();
    wanted.extend(SHAPES.map(|shape| ("the shape of a secret", shape)));
    wanted.extend([("the example's client secret", secret.as_str()), ("a vendor's street", STREET)]);
    let mut found = Vec::new();
    for (who, line) in lines {
        let is_command = who.starts_with("countinghouse ");
        let shows = |value: &str| line.contains(value) && !(is_command && planted.is_for_people(value));
        if let Some((what, value)) = wanted.iter().find(|(_, value)| shows(value)) {
            found.push(format!("{who} shows {what} ({value}): {line}"));
        }
    }
    found
}

/// A VAT report of one row, with planted values wherever something personal can stand; `broken` has one where a rate
/// belongs.
pub(super) fn vat_report(report: &str, planted: &mut Planted, broken: bool) -> String {
    const PERSONAL: [&str; 15] = [
        "Buyer Tax Registration",
        "Buyer E Invoice Account Id",
        "Invoice Url",
        "Ship To City",
        "Ship To State",
        "Ship To Postal Code",
        "Ship To Location Code",
        "Invoice Correction Details",
        "E-Invoice Error Description",
        "EInvoice URL",
        "Buyer Peppol Id",
        "Buyer NIP",
        "Buyer SIREN",
        "Buyer SIRET",
        "Buyer Routing Code",
    ];
    let mut lines = report.lines();
    let header: Vec<String> = lines.next().unwrap().split(',').map(|name| name.trim_matches('"').to_owned()).collect();
    // No cell of the story's first row has a comma in it.
    let mut cells: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
    assert_eq!(header.len(), cells.len());
    let mut put = |name: &str, value: String| {
        let place = header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"));
        cells[place] = value;
    };
    for name in PERSONAL {
        let value = planted.text(name);
        let is_address = name.to_ascii_lowercase().ends_with("url");
        put(name, if is_address { format!("https://{value}.example/?X-Amz-Signature={value}") } else { value });
    }
    if broken {
        put("Tax Rate", planted.mistake("what stands where a rate belongs"));
    }
    let order = header.iter().position(|column| column == "Order ID").unwrap();
    planted.order.clone_from(&cells[order]);
    let columns = header.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
    let unknown = planted.text("a column that no table knows");
    format!("{columns},\"Buyer Name\"\n{},{unknown}\n", cells.join(","))
}

/// A VAT invoice data report of one shipment, dispatched yesterday.
pub(super) fn vidr(planted: &mut Planted) -> String {
    const TEXTS: [&str; 16] = [
        "recipient-name",
        "ship-address-1",
        "ship-address-2",
        "ship-address-3",
        "ship-city",
        "ship-state",
        "ship-postal-code",
        "billing-name",
        "bill-address-1",
        "bill-address-2",
        "bill-city",
        "bill-postal-code",
        "buyer-name",
        "buyer-company-name",
        "buyer-e-invoice-account-id",
        "purchase-order-number",
    ];
    let report = include_str!("../../../../../fixtures/vidr/sample.txt");
    let mut lines = report.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let mut cells: Vec<String> = lines.next().unwrap().split('\t').map(str::to_owned).collect();
    let mut put = |name: &str, value: String| {
        let place = header.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no column {name}"));
        cells[place] = value;
    };
    for name in TEXTS {
        put(name, planted.text(name));
    }
    put("ship-phone-number", planted.digits("ship-phone-number"));
    put("billing-phone-number", planted.digits("billing-phone-number"));
    put("buyer-vat-number", format!("DE{}", planted.digits("buyer-vat-number")));
    let days_ago = |days: i64| {
        let at = SystemClock.now().checked_sub(SignedDuration::from_hours(24 * days)).unwrap();
        at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    };
    put("order-date", days_ago(3));
    put("shipment-date", days_ago(1));
    format!("{}\n{}\n", header.join("\t"), cells.join("\t"))
}

/// A vendor's invoice with planted names, addresses and registrations.
pub(super) fn vendor_invoice(number: &str, planted: &mut Planted) -> Value {
    let mut invoice = retail(number);
    for party in ["remitToParty", "shipToParty", "billToParty"] {
        for field in ["name", "addressLine1", "city", "postalOrZipCode"] {
            invoice[party]["address"][field] = planted.text(&format!("{party} {field}")).into();
        }
        let registration = planted.digits(&format!("{party} registration"));
        invoice[party]["taxRegistrationDetails"] =
            json!([{"taxRegistrationType": "VAT", "taxRegistrationNumber": registration}]);
    }
    invoice
}

/// A purchase of yesterday, its invoice, and a purchase that cannot be read.
pub(super) fn purchase(planted: &mut Planted) -> (Value, Value, Value) {
    let yesterday = SystemClock.now().checked_sub(SignedDuration::from_hours(24)).unwrap();
    let date = yesterday.strftime("%Y-%m-%dT10:00:00Z").to_string();
    let money = || json!({"currencyCode": "EUR", "amount": "19.00"});
    let mut person = |role: &str| {
        json!({
            "id": planted.text(&format!("{role} id")),
            "name": planted.text(&format!("{role} name")),
            "email": format!("{}@example.com", planted.text(&format!("{role} email"))),
        })
    };
    let (buyer, payer) = (person("buyer"), person("payer"));
    let transaction = |id: &str, amount: Value, info: Value| {
        json!({
            "transactionId": id, "transactionType": "CHARGE", "transactionDate": date, "feedDate": date,
            "amount": amount, "marketplaceId": "A1PA6795UKMFR9", "buyer": buyer, "payer": payer,
            "transactionLineItems": [{
                "orderId": "P1", "orderLineItemId": "L1", "shipmentId": "S1", "asin": "B00EXAMP01", "itemQuantity": 1,
                "principalAmount": money(), "totalAmount": money(), "businessOrderInfo": info,
            }],
        })
    };
    let info = json!({"Requisitioner": planted.text("what is entered at the checkout")});
    let good = transaction("PRIV-T1", money(), info);
    let unreadable = transaction("PRIV-T2", json!(planted.text("what stands where an amount belongs")), json!({}));
    let address = json!({
        "fullName": planted.text("bill-to name"), "addressLine1": planted.text("bill-to street"),
        "city": planted.text("bill-to city"), "phoneNumber": planted.text("bill-to phone"),
    });
    let detail = json!({"invoiceNumber": "INV-PRIV", "invoiceDate": date, "billToAddress": address});
    (good, detail, unreadable)
}

/// Amazon's message about a new client secret of an application that nobody has connected.
pub(super) fn new_secret(client_id: &str, planted: &mut Planted) -> String {
    json!({
        "notificationType": "APPLICATION_OAUTH_CLIENT_NEW_SECRET",
        "payload": {"applicationOAuthClientNewSecret": {
            "clientId": client_id,
            "newClientSecret": format!("amzn1.oa2-cs.v1.{}", planted.passing("a client secret")),
            "newClientSecretExpiryTime": "2027-05-21T03:35:13.198Z",
            "oldClientSecretExpiryTime": "2026-11-29T03:35:13.180Z",
        }},
    })
    .to_string()
}
