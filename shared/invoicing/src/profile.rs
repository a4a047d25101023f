//! The seller's profile: everything on a document that Amazon's report does not know.

pub(crate) mod check;
mod error;
mod raw;
mod suggest;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub use error::ProfileError;

use crate::language::Language;

/// A seller's profile, checked. `profiles/example.toml` explains every field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Who sells.
    pub seller: SellerData,
    /// VAT numbers by country of ISO 3166, without spaces.
    pub vat_ids: BTreeMap<String, String>,
    /// The picture at the top.
    pub logo: Option<Logo>,
    /// The colour of the title and of thin lines, as `#rrggbb`.
    pub color: String,
    /// The patterns of the numbers, as they stand in the profile.
    pub numbers: Numbers,
    /// Which language a marketplace has, where it is not the usual one.
    pub languages: BTreeMap<String, Language>,
    /// Texts in all languages.
    pub texts: Texts,
    /// Texts and words of single languages, which go before the others.
    pub texts_in: BTreeMap<Language, Texts>,
    /// What an XRechnung needs.
    pub xrechnung: Option<XRechnungData>,
    /// What a FatturaPA needs.
    pub fattura_pa: Option<FatturaPaData>,
}

/// Name, address and registration of the seller. Empty texts are not printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SellerData {
    /// The registered name.
    pub name: String,
    /// The name that customers know.
    pub trading_name: String,
    /// Street and number.
    pub street: String,
    /// A second line.
    pub street_2: String,
    /// The postal code.
    pub postal_code: String,
    /// The city.
    pub city: String,
    /// ISO 3166.
    pub country: String,
    /// The e-mail address.
    pub email: String,
    /// The telephone number.
    pub phone: String,
    /// The web site.
    pub web: String,
    /// Court and number of the company register.
    pub register: String,
    /// Who directs the company.
    pub directors: String,
    /// The national tax number.
    pub tax_number: String,
}

/// A picture at the top of the page.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// The file, of a kind that the name's end tells.
    pub format: LogoFormat,
    /// Its content.
    pub bytes: Vec<u8>,
    /// How high it is printed, in millimetres.
    pub height_mm: u8,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes of {}", self.bytes.len(), self.format.extension())
    }
}

/// The formats of pictures that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoFormat {
    /// A vector graphic, sharp at any size.
    Svg,
    /// A picture of points.
    Png,
    /// A photograph.
    Jpeg,
}

impl LogoFormat {
    /// The end of the file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

/// The patterns of the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// For invoices.
    pub invoice: String,
    /// For credit notes.
    pub credit_note: String,
}

/// Texts of the seller's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    /// Under the totals.
    pub small_print: String,
    /// At the end of every page.
    pub footer: String,
    /// Words set anew, by their names in `labels.toml`.
    pub words: BTreeMap<String, String>,
}

/// When an XRechnung is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum XRechnungWhen {
    /// Never.
    #[default]
    Never,
    /// For buyers with a VAT number or a company name.
    Business,
    /// For everybody.
    All,
}

/// The two forms of an XRechnung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum XRechnungSyntax {
    /// UN/CEFACT Cross Industry Invoice, as in a ZUGFeRD file.
    #[default]
    Cii,
    /// OASIS UBL 2.1.
    Ubl,
}

/// What an XRechnung needs beyond the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XRechnungData {
    /// For whom.
    pub when: XRechnungWhen,
    /// In which form.
    pub syntax: XRechnungSyntax,
    /// Who answers questions (BT-41).
    pub contact_name: String,
    /// By telephone (BT-42).
    pub contact_phone: String,
    /// By e-mail (BT-43).
    pub contact_email: String,
    /// Where electronic answers go (BT-34), by default the contact's e-mail address.
    pub electronic_address: String,
    /// What kind of address that is, a code of the list EAS; `EM` is e-mail.
    pub electronic_address_scheme: String,
}

/// What a FatturaPA needs beyond the rest: the seller's establishment in Italy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatturaPaData {
    /// The tax regime, `RF01` to `RF19`.
    pub regime: String,
    /// The codice fiscale where it is not the number of the partita IVA.
    pub codice_fiscale: String,
    /// Street and number.
    pub street: String,
    /// Five digits.
    pub postal_code: String,
    /// The city.
    pub city: String,
    /// Two letters.
    pub province: String,
    /// The entry in the register of companies.
    pub rea: Option<Rea>,
}

/// An entry in the Italian register of companies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rea {
    /// The office's province, two letters.
    pub office: String,
    /// The number.
    pub number: String,
    /// Whether the company is being wound up.
    pub in_liquidation: bool,
}

const SAMPLE: &str = include_str!("../profiles/sample.toml");
const SAMPLE_LOGO: &[u8] = include_bytes!("../profiles/sample-logo.svg");

impl Profile {
    /// Reads a profile. `file` is its name, for errors; `load` gives the content of a file beside it (the logo).
    pub fn read(
        file: &str,
        text: &str,
        mut load: impl FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Self, ProfileError> {
        check::check(file, text, raw::parse(file, text)?, &mut load)
    }

    /// Reads the profile at a path, and the logo beside it.
    pub fn open(path: &Path) -> Result<Self, ProfileError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| ProfileError::whole(&file, &error.to_string()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        Self::read(&file, &text, |name| fs::read(folder.join(name)).map_err(|error| error.to_string()))
    }

    /// An invented seller, for a look without a profile. It takes any VAT number, for it has none of its own.
    pub fn sample() -> Result<Self, ProfileError> {
        Self::read("the sample profile", SAMPLE, |_name| Ok(SAMPLE_LOGO.to_vec()))
    }

    /// The language of a document for that marketplace and postal code.
    pub fn language(&self, marketplace: &str, postal_code: &str) -> Language {
        let own = self.languages.get(marketplace).copied();
        own.unwrap_or_else(|| Language::of_marketplace(marketplace, postal_code))
    }

    /// The small print in a language.
    pub fn small_print(&self, language: Language) -> &str {
        self.text(language, |texts| &texts.small_print)
    }

    /// The last line of the page in a language.
    pub fn footer(&self, language: Language) -> &str {
        self.text(language, |texts| &texts.footer)
    }

    /// The words that are set anew in a language.
    pub fn words(&self, language: Language) -> Option<&BTreeMap<String, String>> {
        self.texts_in.get(&language).map(|texts| &texts.words).filter(|words| !words.is_empty())
    }

    fn text(&self, language: Language, which: impl Fn(&Texts) -> &String) -> &str {
        let own = self.texts_in.get(&language).map(&which).filter(|text| !text.is_empty());
        own.unwrap_or_else(|| which(&self.texts))
    }
}

#[cfg(test)]
mod tests;
