//! The column of India in Amazon's table.

use super::{Case, parties, taxes};
use crate::form::Form;
use crate::model::{AllowanceDetails, ChargeDetails, PartyIdentification, TaxDetails, TaxType};
use crate::note::shown;
use crate::rule::{Notice, Rule};

/// The states and union territories of ISO 3166-2:IN, with the codes before and after the changes of 2023.
const STATES: &str = "AN AP AR AS BR CG CH CT DD DH DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY \
    RJ SK TG TN TR TS UK UP UT WB";

/// The names of the states, for who writes the name.
const STATE_NAMES: [(&str, &str); 36] = [
    ("andaman and nicobar islands", "AN"),
    ("andhra pradesh", "AP"),
    ("arunachal pradesh", "AR"),
    ("assam", "AS"),
    ("bihar", "BR"),
    ("chandigarh", "CH"),
    ("chhattisgarh", "CG"),
    ("dadra and nagar haveli and daman and diu", "DH"),
    ("delhi", "DL"),
    ("goa", "GA"),
    ("gujarat", "GJ"),
    ("haryana", "HR"),
    ("himachal pradesh", "HP"),
    ("jammu and kashmir", "JK"),
    ("jharkhand", "JH"),
    ("karnataka", "KA"),
    ("kerala", "KL"),
    ("ladakh", "LA"),
    ("lakshadweep", "LD"),
    ("madhya pradesh", "MP"),
    ("maharashtra", "MH"),
    ("manipur", "MN"),
    ("meghalaya", "ML"),
    ("mizoram", "MZ"),
    ("nagaland", "NL"),
    ("odisha", "OD"),
    ("puducherry", "PY"),
    ("punjab", "PB"),
    ("rajasthan", "RJ"),
    ("sikkim", "SK"),
    ("tamil nadu", "TN"),
    ("telangana", "TS"),
    ("tripura", "TR"),
    ("uttar pradesh", "UP"),
    ("uttarakhand", "UK"),
    ("west bengal", "WB"),
];

/// The most digits of an HSN code.
const MAX_HSN_DIGITS: usize = 8;

pub(super) fn judge(case: &Case<'_>, form: &mut Form) {
    reference_number(case, form);
    parties(case, form);
    tax_types(&case.invoice.tax_details, true, form);
    one_combination(case, form);
    let mut order: Option<&str> = None;
    for (index, item) in case.invoice.items.iter().enumerate() {
        form.within(format_args!("items/{index}"), |form| {
            hsn(item.hsn_code.as_deref(), form);
            tax_types(&item.tax_details, true, form);
            if case.is_invoice() {
                one_order(item.purchase_order_number.as_deref(), &mut order, form);
            }
        });
        let adjusted = format!("items/{index}/");
        charge_tax_types(&adjusted, &item.charge_details, &item.allowance_details, form);
    }
    charge_tax_types("", &case.invoice.charge_details, &case.invoice.allowance_details, form);
}

/// The IRN is mandatory. Its form is not Amazon's rule, so another form is only a warning.
fn reference_number(case: &Case<'_>, form: &mut Form) {
    form.within("referenceNumber", |form| match &case.invoice.reference_number {
        None if form.is_noted() => {}
        None => form.violation(Rule::IndiaReferenceNumber, "the Invoice Reference Number (IRN)", "nothing"),
        Some(number) if number.len() == 64 && number.bytes().all(|byte| byte.is_ascii_hexdigit()) => {}
        Some(_) => form.warning(Notice::IrnForm, "an IRN has 64 hexadecimal digits; is this one?"),
    });
}

fn parties(case: &Case<'_>, form: &mut Form) {
    let invoice = case.invoice;
    for (name, party, gst_id, state) in [
        ("remitToParty", &invoice.remit_to_party, true, false),
        ("shipFromParty", &invoice.ship_from_party, true, true),
        ("billToParty", &invoice.bill_to_party, true, false),
        ("shipToParty", &invoice.ship_to_party, false, true),
    ] {
        let Some(party) = party else { continue };
        form.within(name, |form| {
            parties::gst_id(party, gst_id, form);
            if state {
                self::state(party, form);
            }
        });
    }
    if let (Some(bill_to), Some(ship_to)) = (&invoice.bill_to_party, &invoice.ship_to_party)
        && bill_to.party_id == ship_to.party_id
        && bill_to != ship_to
    {
        let text = "bill-to and ship-to are one party, so Amazon expects the same details in both";
        form.warning_of("billToParty", Notice::BillToDiffers, text);
    }
}

/// The state of an address, by its ISO code, with or without the country before it.
fn state(party: &PartyIdentification, form: &mut Form) {
    let Some(address) = &party.address else { return };
    form.within("address/stateOrRegion", |form| {
        let Some(found) = &address.state_or_region else {
            if !form.is_noted() {
                form.violation(Rule::IndiaState, "the ISO code of the state, for example KA", "nothing");
            }
            return;
        };
        let code = found.strip_prefix("IN-").unwrap_or(found);
        if STATES.split_ascii_whitespace().any(|state| state == code) {
            return;
        }
        let name = found.trim().to_lowercase().replace('&', "and");
        let meant = STATE_NAMES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code).or_else(|| {
            let upper = code.trim().to_uppercase();
            STATES.split_ascii_whitespace().find(|state| *state == upper)
        });
        let expected = match meant {
            Some(code) => format!("the ISO code of the state, {code}"),
            None => "the ISO code of the state, for example KA".to_owned(),
        };
        form.violation(Rule::IndiaState, expected, shown(found));
    });
}

/// The HSN code is mandatory, and has at most 8 digits; dots are for reading only.
fn hsn(code: Option<&str>, form: &mut Form) {
    form.within("hsnCode", |form| {
        let expected = "an HSN code of 2 to 8 digits, written with digits and dots only";
        let Some(code) = code else {
            if !form.is_noted() {
                form.violation(Rule::IndiaHsn, expected, "nothing");
            }
            return;
        };
        let digits = code.chars().filter(char::is_ascii_digit).count();
        let plain = code.chars().all(|c| c.is_ascii_digit() || c == '.');
        let fits = plain && (2..=MAX_HSN_DIGITS).contains(&digits);
        // Letters are a violation of the model already.
        if !fits && !code.chars().any(char::is_alphabetic) {
            let digits = if digits == 1 { "1 digit".to_owned() } else { format!("{digits} digits") };
            form.violation(Rule::IndiaHsn, expected, format!("{} with {digits}", shown(code)));
        }
    });
}

/// The taxes on charges and allowances, which may have none.
fn charge_tax_types(before: &str, charges: &[ChargeDetails], allowances: &[AllowanceDetails], form: &mut Form) {
    for (at, charge) in charges.iter().enumerate() {
        form.within(format_args!("{before}chargeDetails/{at}"), |form| tax_types(&charge.tax_details, false, form));
    }
    for (at, each) in allowances.iter().enumerate() {
        form.within(format_args!("{before}allowanceDetails/{at}"), |form| tax_types(&each.tax_details, false, form));
    }
}

/// The types of a list of taxes but CESS; `None` if a type could not be read, which is a violation already.
fn kinds(taxes: &[TaxDetails]) -> Option<Vec<TaxType>> {
    let mut kinds = taxes.iter().map(|tax| tax.tax_type).collect::<Option<Vec<_>>>()?;
    kinds.sort_unstable();
    kinds.dedup();
    kinds.retain(|kind| *kind != TaxType::Cess);
    Some(kinds)
}

/// Whether these are one of the combinations that Amazon takes.
fn is_combination(kinds: &[TaxType]) -> bool {
    matches!(kinds, [TaxType::Cgst, TaxType::Sgst | TaxType::Utgst] | [TaxType::Igst])
}

/// An invoice has one place of supply, so one combination is for all of it: the header, items, charges, allowances.
fn one_combination(case: &Case<'_>, form: &mut Form) {
    let mut first: Option<Vec<TaxType>> = None;
    for (pointer, taxes) in taxes::lists(case.api, case.invoice) {
        // What is no combination by itself is a violation already.
        let Some(found) = kinds(taxes).filter(|kinds| is_combination(kinds)) else { continue };
        let Some(wanted) = &first else {
            first = Some(found);
            continue;
        };
        if *wanted != found {
            let names = |kinds: &[TaxType]| kinds.iter().map(|kind| kind.text()).collect::<Vec<_>>().join(" and ");
            let expected = format!("{}, for an invoice has one combination for all of it", names(wanted));
            form.violation_of(&pointer, Rule::IndiaTaxTypes, expected, names(&found));
        }
    }
}

/// The taxes of one list are one of the combinations that Amazon takes.
fn tax_types(taxes: &[TaxDetails], required: bool, form: &mut Form) {
    form.within("taxDetails", |form| {
        if taxes.is_empty() {
            if required && !form.is_noted() {
                form.violation(Rule::IndiaTaxMissing, "the tax, also where its amount is zero", "none");
            }
            return;
        }
        if kinds(taxes).is_some_and(|kinds| !is_combination(&kinds)) {
            let expected = "SGST and CGST, UTGST and CGST, or IGST, each with or without CESS";
            let names: Vec<&str> = taxes.iter().filter_map(|tax| tax.tax_type).map(TaxType::text).collect();
            form.violation(Rule::IndiaTaxTypes, expected, names.join(", "));
        }
    });
}

/// One invoice is for one purchase order.
fn one_order<'i>(number: Option<&'i str>, first: &mut Option<&'i str>, form: &mut Form) {
    let Some(number) = number else { return };
    let wanted = *first.get_or_insert(number);
    if wanted != number {
        let expected = format!("{}, for an invoice is for one purchase order", shown(wanted));
        form.violation_of("purchaseOrderNumber", Rule::IndiaOneOrder, expected, shown(number));
    }
}
