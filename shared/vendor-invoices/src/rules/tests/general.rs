//! What is required everywhere, and in direct fulfillment.

use super::{accept, reject};
use crate::testing::{AMERICA, DIRECT, EUROPE, INDIA, checked, violations, with};
use crate::{Api, Rule};

#[test]
fn general_rules() {
    reject(
        EUROPE,
        &[
            (&[("/id", r#""R 1 ""#)], &[("/id", "invoice-id")]),
            (&[("/date", r#""2026-01-01T00:00:01Z""#)], &[("/date", "date-in-future")]),
            (&[("/paymentTerms/discountPercent", r#""101""#)], &[("/paymentTerms/discountPercent", "payment-terms")]),
            (&[("/paymentTerms/netDueDays", "-1")], &[("/paymentTerms/netDueDays", "payment-terms")]),
            (&[("/items", "[]")], &[("/items", "items")]),
            (&[("/items/1/itemSequenceNumber", "1")], &[("/items/1/itemSequenceNumber", "item-sequence")]),
            (
                &[("/items/0/vendorProductIdentifier", "")],
                &[("/items/0/amazonProductIdentifier", "product-identifier")],
            ),
            (&[("/items/0/purchaseOrderNumber", "")], &[("/items/0/purchaseOrderNumber", "purchase-order")]),
            (
                &[("/items/0/purchaseOrderNumber", r#""4QWERTY-1""#)],
                &[("/items/0/purchaseOrderNumber", "purchase-order-format")],
            ),
            (&[("/items/1/invoicedQuantity/unitSize", "0")], &[("/items/1/invoicedQuantity/unitSize", "quantity")]),
            (&[("/items/0/netCost/currencyCode", r#""USD""#)], &[("/items/0/netCost/currencyCode", "currency")]),
            (&[("/billToParty", "")], &[("/billToParty", "party-missing")]),
            (&[("/billToParty/address", "")], &[("/billToParty/address", "party-missing")]),
            (&[("/remitToParty/address", "")], &[("/remitToParty/address", "party-missing")]),
            (&[("/billToParty/address/city", "")], &[("/billToParty/address/city", "address-incomplete")]),
            (
                &[("/billToParty/address", ""), ("/remitToParty/address", "")],
                &[("/billToParty/address/countryCode", "country-unknown")],
            ),
            (&[("/items/0/hsnCode", r#""7606A""#)], &[("/items/0/hsnCode", "hsn-letters")]),
        ],
    );
    accept(
        EUROPE,
        &[
            (&[("/date", r#""2026-01-01T00:00:00Z""#)], &[]),
            (&[("/paymentTerms/discountDueDays", "40")], &[("/paymentTerms", "payment-terms-odd")]),
            (&[("/shipToParty", r#"{"partyId": "DUS2"}"#)], &[("/shipToParty/address", "party-address-missing")]),
        ],
    );
}

#[test]
fn a_total_of_zero_is_refused() {
    let rules = checked(&with(EUROPE, &[("/invoiceTotal/amount", "\"0.00\"")])).violations;
    assert!(rules.iter().any(|each| each.rule == Rule::TotalZero));
    let rules = checked(&with(EUROPE, &[("/items/0/netCost/amount", "\"0\"")])).violations;
    assert!(rules.iter().any(|each| each.rule == Rule::NetCost));
    let rules = checked(&with(AMERICA, &[("/allowanceDetails/0/allowanceAmount/amount", "\"-5.00\"")])).violations;
    assert!(rules.iter().any(|each| each.rule == Rule::NegativeAmount));
    let rules = checked(&with(EUROPE, &[("/items/0/invoicedQuantity/amount", "0")])).violations;
    assert!(rules.iter().any(|each| each.rule == Rule::Quantity));
}

#[test]
fn items_priced_by_weight_say_how_much_they_weigh() {
    let priced: &[(&str, &str)] = &[
        ("/items/0/netCostUnitOfMeasure", r#""KILOGRAMS""#),
        ("/items/0/invoicedQuantity/totalWeight", r#"{"unitOfMeasure": "KILOGRAMS", "amount": "10"}"#),
    ];
    accept(AMERICA, &[(priced, &[])]);
    let by_weight: Vec<_> = priced.iter().copied().chain([("/items/0/invoicedQuantity/amount", "2")]).collect();
    accept(AMERICA, &[(&by_weight, &[])]);
    reject(
        AMERICA,
        &[
            (&priced[..1], &[("/items/0/invoicedQuantity/totalWeight", "weight-priced")]),
            (&priced[1..], &[("/items/0/netCostUnitOfMeasure", "weight-priced")]),
            (
                &[priced[1], ("/items/0/netCostUnitOfMeasure", r#""POUNDS""#)],
                &[("/items/0/netCostUnitOfMeasure", "weight-priced")],
            ),
        ],
    );
}

#[test]
fn direct_fulfillment() {
    reject(
        DIRECT,
        &[
            (&[("/shipToCountryCode", r#""IN""#)], &[("/shipToCountryCode", "direct-fulfillment-india")]),
            (&[("/shipFromParty", "")], &[("/shipFromParty", "required-field")]),
            (&[("/items", "")], &[("/items", "required-field")]),
            (&[("/items/0/purchaseOrderNumber", "")], &[("/items/0/purchaseOrderNumber", "required-field")]),
            (
                &[("/items/0/purchaseOrderNumber", r#""a b""#)],
                &[("/items/0/purchaseOrderNumber", "purchase-order-format")],
            ),
            (&[("/chargeDetails/0/type", r#""Freight""#)], &[("/chargeDetails/0/type", "enum-value")]),
            (&[("/invoiceType", r#""Invoice""#)], &[("/invoiceType", "unknown-field")]),
            (
                &[("/remitToParty/address", r#"{"name": "a", "addressLine1": "b", "countryCode": "DE"}"#)],
                &[
                    ("/remitToParty/address/city", "required-field"),
                    ("/remitToParty/address/postalCode", "required-field"),
                    ("/remitToParty/address/stateOrRegion", "required-field"),
                ],
            ),
            (&[("/invoiceDate", r#""2027-01-01T00:00:00Z""#)], &[("/invoiceDate", "date-in-future")]),
        ],
    );
    accept(DIRECT, &[(&[("/items/0/itemSequenceNumber", "1")], &[("/items/0/itemSequenceNumber", "number-for-text")])]);
    let checked = checked(&with(DIRECT, &[("/items/0/itemSequenceNumber", "1")]));
    assert_eq!(checked.api, Api::DirectFulfillment);
    assert_eq!(checked.invoice.unwrap().to_body()["items"][0]["itemSequenceNumber"], "1");
}

#[test]
fn all_violations_are_told_at_once() {
    let changes = [
        ("/id", ""),
        ("/date", r#""tomorrow""#),
        ("/referenceNumber", ""),
        ("/items/0/hsnCode", ""),
        ("/items/0/taxDetails/0/taxAmount/amount", r#""31.00""#),
        ("/shipToParty", ""),
    ];
    let rules: Vec<_> = violations(&checked(&with(INDIA, &changes))).into_iter().map(|(_, rule)| rule).collect();
    for rule in
        ["required-field", "date-time-format", "india-reference-number", "india-hsn", "tax-amount", "party-missing"]
    {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
}
