//! Every rule, for an invoice that it accepts and one that it rejects, told by what changes an accepted one.

mod general;
mod model;
mod regions;

use crate::testing::{ALL, AMERICA, CREDIT_NOTE, DIRECT, EUROPE, INDIA, checked, violations, warnings, with};

/// Changes, and the violations that they cause.
type Case<'c> = (&'c [(&'c str, &'c str)], &'c [(&'c str, &'c str)]);

#[track_caller]
fn reject(base: &str, cases: &[Case<'_>]) {
    for (changes, expected) in cases {
        let checked = checked(&with(base, changes));
        assert_eq!(violations(&checked), *expected, "{changes:?}\n{:#?}", checked.violations);
        assert!(checked.invoice.is_none());
    }
}

/// Changes, and the warnings that they cause beside those that were there.
#[track_caller]
fn accept(base: &str, cases: &[Case<'_>]) {
    let before = checked(&with(base, &[]));
    for (changes, expected) in cases {
        let checked = checked(&with(base, changes));
        assert_eq!(violations(&checked), [], "{changes:?}\n{:#?}", checked.violations);
        let new: Vec<_> = warnings(&checked).into_iter().filter(|each| !warnings(&before).contains(each)).collect();
        assert_eq!(new, *expected, "{changes:?}");
        assert!(checked.invoice.is_some());
    }
}

#[test]
fn the_invoices_that_are_changed_here_are_accepted() {
    for base in ALL {
        let checked = checked(&with(base, &[]));
        assert_eq!(violations(&checked), [], "{:#?}", checked.violations);
    }
    assert_eq!(
        warnings(&checked(&with(DIRECT, &[]))),
        [("", "tax-rate-fraction"), ("/items/0/purchaseOrderNumber", "purchase-order-length"),]
    );
    for base in [EUROPE, CREDIT_NOTE, AMERICA, INDIA] {
        assert_eq!(warnings(&checked(&with(base, &[]))), []);
    }
}
