//! Seller, buyer, addresses, and what the report says about form and wording.

use countinghouse_domain::document::Personal;
use serde::{Deserialize, Serialize};

use crate::country;

/// The seller, as far as the report knows: its name and address are in the seller's profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seller {
    /// The VAT number with which Amazon calculated; it must be on the document.
    pub vat_number: String,
    /// Whether the seller is established in that number's country.
    pub is_established: Option<bool>,
}

impl Seller {
    /// The country of the VAT number in ISO 3166 (`GR` for `EL…`); none where the number has no known prefix.
    pub fn vat_country(&self) -> Option<&'static str> {
        country::of_vat_number(&self.vat_number)
    }
}

/// The buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Buyer {
    /// The person.
    pub name: Personal,
    /// The company.
    pub company: Personal,
    /// The VAT number or another registration, as the type says.
    pub vat_number: Personal,
    /// What kind of registration it is.
    pub registration_type: RegistrationType,
    /// Whether the buyer is established in that number's country.
    pub is_established: Option<bool>,
    /// In Italy, where the electronic invoice goes: the code of seven signs, or a certified mail address.
    pub e_invoice_account: Personal,
}

impl Buyer {
    /// Whether the buyer has the registration of a business.
    pub fn is_registered_business(&self) -> bool {
        let kind = matches!(
            self.registration_type,
            RegistrationType::Vat | RegistrationType::BusinessReg | RegistrationType::NotStated
        );
        kind && !self.vat_number.is_empty()
    }

    /// The country of the VAT number in ISO 3166; none where there is no number or it has no known prefix.
    pub fn vat_country(&self) -> Option<&'static str> {
        match self.registration_type {
            RegistrationType::Vat | RegistrationType::NotStated => country::of_vat_number(self.vat_number.expose()),
            RegistrationType::BusinessReg | RegistrationType::CitizenId | RegistrationType::Unknown => None,
        }
    }
}

/// The kind of the buyer's registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationType {
    /// A VAT number.
    Vat,
    /// A business registration, in Italy or Spain.
    BusinessReg,
    /// The tax number of a person (the Italian codice fiscale, the Spanish NIF).
    CitizenId,
    /// The report does not say.
    #[default]
    NotStated,
    /// A word that is not known.
    Unknown,
}

impl RegistrationType {
    /// Reads the column `buyer-tax-registration-type`.
    pub fn of(text: &str) -> Self {
        let known = [("VAT", Self::Vat), ("BusinessReg", Self::BusinessReg), ("CitizenId", Self::CitizenId)];
        if text.is_empty() {
            return Self::NotStated;
        }
        known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map_or(Self::Unknown, |(_, each)| each)
    }
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PostalAddress {
    /// The recipient, or the billing name.
    pub name: Personal,
    /// Up to three lines of the street; those that are empty are left out.
    pub lines: Vec<Personal>,
    /// The city.
    pub city: Personal,
    /// The state or province.
    pub state: Personal,
    /// The postal code.
    pub postal_code: Personal,
    /// ISO 3166 code (`GB`, where the report may write `UK`).
    pub country: String,
    /// The telephone number.
    pub phone: Personal,
}

impl PostalAddress {
    /// Whether there is no address, whatever the name.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.city.is_empty() && self.postal_code.is_empty() && self.country.is_empty()
    }
}

/// Where goods left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// ISO 3166 code.
    pub country: String,
    /// The state or province.
    pub state: Personal,
    /// The city.
    pub city: Personal,
    /// The postal code.
    pub postal_code: Personal,
}

/// The sentence that a tax law demands on the document, in the languages that Amazon gives it in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Citations {
    /// English.
    pub en: String,
    /// German.
    pub de: String,
    /// Spanish.
    pub es: String,
    /// French.
    pub fr: String,
    /// Italian.
    pub it: String,
}

impl Citations {
    /// The sentence in a language of ISO 639 (`de`), or in English where Amazon has it not in that language, or in
    /// the first language that there is; empty where there is none at all.
    pub fn in_language(&self, language: &str) -> &str {
        let exact = match language {
            "de" => &self.de,
            "es" => &self.es,
            "fr" => &self.fr,
            "it" => &self.it,
            _ => &self.en,
        };
        let texts = [exact, &self.en, &self.de, &self.fr, &self.it, &self.es];
        texts.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.in_language("en").is_empty()
    }
}

/// What Amazon recommends for the tax authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceFormat {
    /// The uploaded PDF is the invoice.
    #[default]
    Pdf,
    /// The seller sends an XML invoice to the Sistema di Interscambio; the uploaded PDF is a duplicate and says so.
    Xml,
}
