//! Reports that are booked again.

use super::super::*;
use super::{amounts, document, sale};

fn stamped(report: &str, rows: &[VatRow<'_>]) -> Document {
    let mut document = document(rows);
    document.stamp(report);
    document
}

#[test]
fn what_is_in_the_books_already_stays_as_it_is() {
    let booked = stamped("1", &[sale(2), sale(3)]);
    for standing in [Standing::Newest, Standing::Older] {
        assert_eq!(rebook(&booked, &booked, standing).unwrap(), Merge::Same);
        assert_eq!(rebook(&booked, &stamped("2", &[sale(7), sale(8)]), standing).unwrap(), Merge::Same);
    }
}

#[test]
fn a_flag_that_an_older_program_did_not_know_appears_without_a_revision() {
    let again = stamped("1", &[sale(2).with(Text::InvoiceNumber, "")]);
    let booked = Document { flags: Vec::new(), ..again.clone() };
    let Merge::Updated(judged) = rebook(&booked, &again, Standing::Older).unwrap() else { panic!("not judged") };
    assert_eq!(judged.flags, again.flags);
    assert!(!judged.flags.is_empty());
}

#[test]
fn a_flag_that_rows_no_longer_deserve_goes_and_a_revision_is_remembered() {
    let again = stamped("1", &[sale(2)]);
    let wrong = Flag::FactsDiffer { fact: "city".to_owned(), touches_tax: false };
    let booked = Document { flags: vec![wrong.clone(), Flag::Revised { differences: 2 }], ..again.clone() };
    let Merge::Updated(judged) = rebook(&booked, &again, Standing::Newest).unwrap() else { panic!("not judged") };
    assert_eq!(judged.flags, [Flag::Revised { differences: 2 }]);
    // Where rows of another report are in the document too, what was remembered of them cannot be known anew.
    let mut mixed = booked;
    mixed.stamp("0");
    assert_eq!(rebook(&mixed, &again, Standing::Newest).unwrap(), Merge::Same);
}

#[test]
fn the_newest_report_replaces_figures_and_an_older_one_does_not() {
    let dearer = sale(2).with_amounts(Component::Item, amounts("23.80", "3.80", "20.00"), Amounts::default());
    let (old, new) = (stamped("1", &[sale(2)]), stamped("2", &[dearer]));
    let Merge::Revised { document, .. } = rebook(&old, &new, Standing::Newest).unwrap() else { panic!("not revised") };
    assert_eq!(document.total.gross, "23.80".parse().unwrap());
    assert_eq!(rebook(&new, &old, Standing::Older).unwrap(), Merge::Same);
}

#[test]
fn an_older_report_adds_the_lines_that_nobody_else_has() {
    let booked = stamped("2", &[sale(2)]);
    let again = stamped("1", &[sale(2), sale(3).with(Text::Sku, "other")]);
    let Merge::Extended(both) = rebook(&booked, &again, Standing::Older).unwrap() else { panic!("not extended") };
    assert_eq!(both.lines.len(), 2);
    assert_eq!(both.total.gross, "23.80".parse().unwrap());
    assert_eq!(rebook(&both, &again, Standing::Older).unwrap(), Merge::Same);
}

#[test]
fn what_was_forgotten_judges_and_does_not_come_back() {
    let business = |line| {
        sale(line)
            .with(Text::BuyerRegistration, "FR12345678901")
            .with(Text::ShipToCity, "Lyon")
            .with(Text::ShipToCountry, "FR")
    };
    let again = stamped("1", &[business(2)]);
    let mut booked = again.clone();
    booked.buyer.registration = Personal::default();
    booked.ship_to.city = Personal::default();
    assert!(booked.is_business);
    assert_eq!(rebook(&booked, &again, Standing::Newest).unwrap(), Merge::Same);
    let unflagged = Document { flags: vec![Flag::DateMissing], ..booked };
    let Merge::Updated(judged) = rebook(&unflagged, &again, Standing::Newest).unwrap() else { panic!("not judged") };
    assert_eq!(judged.flags, again.flags);
    assert!(judged.is_business && judged.buyer.registration.is_empty() && judged.ship_to.city.is_empty());
}
