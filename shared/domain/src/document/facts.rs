//! The facts that belong to a whole document, in one table: what a fingerprint states and what a merge compares.

use super::{Document, Personal};

/// How a fact is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Part of the document: a change is a revision.
    Fixed,
    /// The state of the electronic invoice: it moves on.
    Moving,
}

/// A text that may be personal.
pub(super) trait FactText {
    const PERSONAL: bool;
    fn get(&self) -> &str;
    fn set(&mut self, text: &str);
}

impl FactText for String {
    const PERSONAL: bool = false;

    fn get(&self) -> &str {
        self
    }

    fn set(&mut self, text: &str) {
        text.clone_into(self);
    }
}

impl FactText for Personal {
    const PERSONAL: bool = true;

    fn get(&self) -> &str {
        self.expose()
    }

    fn set(&mut self, text: &str) {
        *self = text.into();
    }
}

/// One text of a document.
#[derive(Debug)]
pub(super) struct Fact<'a> {
    pub(super) name: &'static str,
    pub(super) weight: Weight,
    pub(super) personal: bool,
    pub(super) text: &'a str,
}

macro_rules! facts {
    ($($weight:ident $name:literal $($field:ident).+;)*) => {
        /// Every text of the document, in a fixed order.
        pub(super) fn facts(document: &Document) -> impl Iterator<Item = Fact<'_>> {
            fn fact<'a, T: FactText>(name: &'static str, weight: Weight, text: &'a T) -> Fact<'a> {
                Fact { name, weight, personal: T::PERSONAL, text: text.get() }
            }
            [$(fact($name, Weight::$weight, &document.$($field).+)),*].into_iter()
        }

        /// Writes the texts of another document over those of this one, wherever the other has a text.
        pub(super) fn overwrite(document: &mut Document, other: &Document) {
            fn text<T: FactText>(own: &mut T, other: &T) {
                if !other.get().is_empty() && own.get() != other.get() {
                    own.set(other.get());
                }
            }
            $(text(&mut document.$($field).+, &other.$($field).+);)*
        }

        /// Takes over what is personal from another document, wherever this one has none of it.
        pub(super) fn recall_personal(document: &mut Document, other: &Document) {
            fn text<T: FactText>(own: &mut T, other: &T) {
                if T::PERSONAL && own.get().is_empty() {
                    own.set(other.get());
                }
            }
            $(text(&mut document.$($field).+, &other.$($field).+);)*
        }

        /// Takes out what is personal.
        pub(super) fn forget_personal(document: &mut Document) {
            fn text<T: FactText>(own: &mut T) {
                if T::PERSONAL {
                    own.set("");
                }
            }
            $(text(&mut document.$($field).+);)*
            document.url.set("");
            for line in &mut document.lines {
                line.extra.clear();
            }
        }
    };
}

facts! {
    Fixed  "marketplace"                     marketplace;
    Fixed  "merchant id"                     merchant_id;
    Fixed  "tax type"                        tax_type;
    Fixed  "scheme"                          scheme_text;
    Fixed  "tax collection responsibility"   responsibility;
    Fixed  "jurisdiction"                    jurisdiction;
    Fixed  "seller registration"             seller.registration;
    Fixed  "seller jurisdiction"             seller.jurisdiction;
    Fixed  "seller Peppol id"                seller.peppol_id;
    Fixed  "seller NIP"                      seller.nip;
    Fixed  "seller SIREN"                    seller.siren;
    Fixed  "seller SIRET"                    seller.siret;
    Fixed  "seller routing code"             seller.routing_code;
    Fixed  "buyer registration"              buyer.registration;
    Fixed  "buyer jurisdiction"              buyer.jurisdiction;
    Fixed  "buyer registration type"         buyer.registration_type;
    Fixed  "buyer e-invoice account"         buyer.e_invoice_account;
    Fixed  "buyer Peppol id"                 buyer.peppol_id;
    Fixed  "buyer NIP"                       buyer.nip;
    Fixed  "buyer SIREN"                     buyer.siren;
    Fixed  "buyer SIRET"                     buyer.siret;
    Fixed  "buyer routing code"              buyer.routing_code;
    Fixed  "ship-from country"               ship_from.country;
    Fixed  "ship-from state"                 ship_from.state;
    Fixed  "ship-from city"                  ship_from.city;
    Fixed  "ship-from postal code"           ship_from.postal_code;
    Fixed  "ship-from location code"         ship_from.location_code;
    Fixed  "ship-to country"                 ship_to.country;
    Fixed  "ship-to state"                   ship_to.state;
    Fixed  "ship-to city"                    ship_to.city;
    Fixed  "ship-to postal code"             ship_to.postal_code;
    Fixed  "ship-to location code"           ship_to.location_code;
    Fixed  "return country"                  return_country;
    Fixed  "original number"                 original_number;
    Fixed  "correction details"              correction_details;
    Moving "e-invoice status"                e_invoice.status;
    Moving "e-invoice error code"            e_invoice.error_code;
    Moving "e-invoice error"                 e_invoice.error;
    Moving "e-invoice updated"               e_invoice.updated;
    Moving "e-invoice address"               e_invoice.url;
    Moving "KSeF number"                     e_invoice.ksef_number;
}
