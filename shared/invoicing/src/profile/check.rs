//! From the file's texts to a profile that can be used.

use std::collections::BTreeMap;

use countinghouse_vat_invoices::country;
use countinghouse_vat_invoices::number::SeriesPattern;
use toml::Spanned;

use super::raw::{RawFatturaPa, RawLook, RawProfile, RawSeller, RawText, RawXRechnung, line_at};
use super::suggest::nearest;
use super::{
    FatturaPaData, Logo, LogoFormat, Numbers, Profile, ProfileError, Rea, SellerData, Texts, XRechnungData,
    XRechnungWhen,
};
use crate::labels::Vocabulary;
use crate::language::Language;

const COLOR: &str = "#1f4e5f";
const LOGO_HEIGHT_MM: u8 = 14;
/// What fits above the address.
const HIGHEST_LOGO_MM: u8 = 25;
/// The largest logo in bytes: it is part of every document.
const LARGEST_LOGO: usize = 500_000;
/// How long the seller's data may be, in signs: name, street and the like; court or directors; a telephone number or code.
const LONGEST: [usize; 3] = [70, 120, 40];
/// A column at the foot of the page: so many lines of so many signs.
const COLUMN: (usize, usize) = (7, 36);
/// How long the last line of the page may be: two lines of small type.
const LONGEST_FOOTER: usize = 240;
/// How long the small print may be, in signs and in lines: it is never torn apart, so it has to fit one page.
const LONGEST_SMALL_PRINT: (usize, usize) = (3_000, 40);
const INVOICE_NUMBER: &str = "{country}-{year}-{number:6}";
const CREDIT_NOTE_NUMBER: &str = "{country}-C{year}-{number:6}";

/// A field of the seller, if it is filled in.
type Field<'a> = (&'static str, Option<&'a Spanned<String>>);
type Load<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

/// Where values stand, for errors.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn error<T>(&self, value: &Spanned<T>, field: &str, problem: String) -> ProfileError {
        ProfileError {
            file: self.file.to_owned(),
            line: Some(line_at(self.text, value.span().start)),
            field: field.to_owned(),
            problem,
        }
    }

    /// A text that must not be empty.
    fn filled(&self, value: &Spanned<String>, field: &str) -> Result<String, ProfileError> {
        let text = value.get_ref().trim();
        if text.is_empty() {
            return Err(self.error(
                value,
                field,
                "it is empty; write it, for the law wants it on an invoice".to_owned(),
            ));
        }
        Ok(text.to_owned())
    }

    /// A text that has to fit its place on the page.
    fn fitting(&self, value: Option<&Spanned<String>>, field: &str, longest: usize) -> Result<String, ProfileError> {
        let Some(value) = value else { return Ok(String::new()) };
        let signs = value.get_ref().chars().count();
        if signs > longest {
            let problem =
                format!("it has {signs} signs and does not fit its place on the page; write at most {longest}");
            return Err(self.error(value, field, problem));
        }
        Ok(value.get_ref().clone())
    }

    fn country(&self, value: &Spanned<String>, field: &str) -> Result<String, ProfileError> {
        let code = country::normalized(value.get_ref());
        if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(code);
        }
        let problem =
            format!("\"{}\" is not the code of a country; write two letters, for example DE", value.get_ref());
        Err(self.error(value, field, problem))
    }

    fn matching(
        &self,
        value: &Spanned<String>,
        field: &str,
        wanted: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Result<String, ProfileError> {
        let text = value.get_ref().trim();
        if fits(text) {
            return Ok(text.to_owned());
        }
        Err(self.error(value, field, format!("\"{text}\" is not {wanted}")))
    }
}

pub(super) fn check(file: &str, text: &str, raw: RawProfile, load: Load<'_>) -> Result<Profile, ProfileError> {
    let place = Place { file, text };
    let (color, logo) = look(&place, &raw.look, load)?;
    let (texts, texts_in) = texts(&place, raw.text)?;
    Ok(Profile {
        seller: seller(&place, &raw.seller)?,
        vat_ids: vat_ids(&place, &raw.vat_ids)?,
        logo,
        color,
        numbers: Numbers {
            invoice: pattern(&place, raw.numbers.invoice.as_ref(), "numbers.invoice", INVOICE_NUMBER)?,
            credit_note: pattern(&place, raw.numbers.credit_note.as_ref(), "numbers.credit_note", CREDIT_NOTE_NUMBER)?,
        },
        languages: languages(&place, &raw.languages)?,
        texts,
        texts_in,
        xrechnung: raw.xrechnung.map(|section| xrechnung(&place, section)).transpose()?,
        fattura_pa: raw.fattura_pa.as_ref().map(|section| fattura_pa(&place, section)).transpose()?,
    })
}

fn seller(place: &Place<'_>, raw: &RawSeller) -> Result<SellerData, ProfileError> {
    foot(place, raw)?;
    let [line, words, code] = LONGEST;
    let needed = |value: &Spanned<String>, name: &str, longest| {
        let field = format!("seller.{name}");
        place.fitting(Some(value), &field, longest)?;
        place.filled(value, &field)
    };
    let given =
        |value: Option<&Spanned<String>>, name: &str, longest| place.fitting(value, &format!("seller.{name}"), longest);
    Ok(SellerData {
        name: needed(&raw.name, "name", line)?,
        trading_name: given(raw.trading_name.as_ref(), "trading_name", line)?,
        street: needed(&raw.street, "street", line)?,
        street_2: given(raw.street_2.as_ref(), "street_2", line)?,
        postal_code: needed(&raw.postal_code, "postal_code", code)?,
        city: needed(&raw.city, "city", line)?,
        country: place.country(&raw.country, "seller.country")?,
        email: given(raw.email.as_ref(), "email", line)?,
        phone: given(raw.phone.as_ref(), "phone", code)?,
        web: given(raw.web.as_ref(), "web", line)?,
        register: given(raw.register.as_ref(), "register", words)?,
        directors: given(raw.directors.as_ref(), "directors", words)?,
        tax_number: given(raw.tax_number.as_ref(), "tax_number", code)?,
    })
}

/// Refuses data that run off the paper: each column at the foot of the page has its room.
fn foot(place: &Place<'_>, raw: &RawSeller) -> Result<(), ProfileError> {
    let (most, signs) = COLUMN;
    let lines = |value: &Spanned<String>| value.get_ref().chars().count().div_ceil(signs);
    // Beside them stand the country, and the two numbers for tax.
    let columns: [(usize, Vec<Field<'_>>); 3] = [
        (
            1,
            vec![
                ("name", Some(&raw.name)),
                ("street", Some(&raw.street)),
                ("street_2", raw.street_2.as_ref()),
                ("city", Some(&raw.city)),
            ],
        ),
        (0, vec![("email", raw.email.as_ref()), ("phone", raw.phone.as_ref()), ("web", raw.web.as_ref())]),
        (2, vec![("register", raw.register.as_ref()), ("directors", raw.directors.as_ref())]),
    ];
    for (others, fields) in columns {
        let fields = fields.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        let fields: Vec<_> = fields.collect();
        let taken = fields.iter().map(|(_, value)| lines(value)).sum::<usize>().saturating_add(others);
        if taken > most
            && let Some((name, value)) = fields.iter().max_by_key(|(_, value)| lines(value))
        {
            let problem = format!(
                "the foot of the page has room for {most} lines of {signs} signs in a column, and with this one takes \
                 {taken}; write it shorter"
            );
            return Err(place.error(value, &format!("seller.{name}"), problem));
        }
    }
    Ok(())
}

fn pattern(
    place: &Place<'_>,
    value: Option<&Spanned<String>>,
    field: &str,
    usual: &str,
) -> Result<String, ProfileError> {
    let Some(value) = value else { return Ok(usual.to_owned()) };
    let parsed = value.get_ref().parse::<SeriesPattern>();
    parsed.map(|_| value.get_ref().clone()).map_err(|error| place.error(value, field, error.to_string()))
}

fn vat_ids(
    place: &Place<'_>,
    raw: &BTreeMap<Spanned<String>, Spanned<String>>,
) -> Result<BTreeMap<String, String>, ProfileError> {
    let mut numbers = BTreeMap::new();
    for (key, value) in raw {
        let field = format!("vat_ids.{}", key.get_ref());
        let country = place.country(key, &field)?;
        let number = compact(value.get_ref());
        if country::of_vat_number(&number) != Some(country.as_str()) {
            let problem = format!(
                "\"{}\" does not begin with the letters of {country}; write the number with its country's letters",
                value.get_ref()
            );
            return Err(place.error(value, &field, problem));
        }
        numbers.insert(country, number);
    }
    Ok(numbers)
}

/// A VAT number without spaces, dots and dashes, in large letters.
pub(crate) fn compact(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

fn look(place: &Place<'_>, raw: &RawLook, load: Load<'_>) -> Result<(String, Option<Logo>), ProfileError> {
    let color = match &raw.color {
        None => COLOR.to_owned(),
        Some(value) => place.matching(value, "look.color", "a colour; write it as #1f4e5f", |text| {
            text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })?,
    };
    let height_mm = match &raw.logo_height_mm {
        None => LOGO_HEIGHT_MM,
        Some(value) if (5..=HIGHEST_LOGO_MM).contains(value.get_ref()) => *value.get_ref(),
        Some(value) => {
            let problem = format!("{} does not fit; write 5 to {HIGHEST_LOGO_MM}", value.get_ref());
            return Err(place.error(value, "look.logo_height_mm", problem));
        }
    };
    let logo = raw.logo.as_ref().map(|name| logo(place, name, height_mm, load)).transpose()?;
    Ok((color, logo))
}

fn logo(place: &Place<'_>, name: &Spanned<String>, height_mm: u8, load: Load<'_>) -> Result<Logo, ProfileError> {
    let error = |problem: String| place.error(name, "look.logo", problem);
    let file = name.get_ref();
    let bytes = load(file).map_err(|problem| error(format!("{file} cannot be read: {problem}")))?;
    if bytes.len() > LARGEST_LOGO {
        let problem = format!("{file} has {} bytes; at most {LARGEST_LOGO}, for it is in every file", bytes.len());
        return Err(error(problem));
    }
    let format = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => LogoFormat::Png,
        [0xff, 0xd8, 0xff, ..] => LogoFormat::Jpeg,
        text if std::str::from_utf8(text).is_ok_and(|text| text.contains("<svg")) => LogoFormat::Svg,
        _ => return Err(error(format!("{file} is neither SVG nor PNG nor JPEG"))),
    };
    Ok(Logo { format, bytes, height_mm })
}

fn languages(
    place: &Place<'_>,
    raw: &BTreeMap<Spanned<String>, Spanned<String>>,
) -> Result<BTreeMap<String, Language>, ProfileError> {
    let mut languages = BTreeMap::new();
    for (key, value) in raw {
        let field = format!("languages.{}", key.get_ref());
        let language = language(place, value, &field)?;
        languages.insert(place.country(key, &field)?, language);
    }
    Ok(languages)
}

fn language(place: &Place<'_>, value: &Spanned<String>, field: &str) -> Result<Language, ProfileError> {
    Language::of_code(value.get_ref()).ok_or_else(|| {
        let known = Language::ALL.map(Language::code).join(", ");
        place.error(value, field, format!("\"{}\" is not a language here; known are {known}", value.get_ref()))
    })
}

fn texts(
    place: &Place<'_>,
    raw: BTreeMap<Spanned<String>, Spanned<RawText>>,
) -> Result<(Texts, BTreeMap<Language, Texts>), ProfileError> {
    let (mut general, mut single) = (Texts::default(), BTreeMap::new());
    for (key, value) in raw {
        let field = format!("text.{}", key.get_ref());
        if let RawText::Plain(text) = value.get_ref() {
            too_long(key.get_ref(), text).map_or(Ok(()), |problem| Err(place.error(&key, &field, problem)))?;
        }
        match value.into_inner() {
            RawText::Plain(text) => match key.get_ref().as_str() {
                "small_print" => general.small_print = text,
                "footer" => general.footer = text,
                other => {
                    let problem = format!(
                        "`{other}` is not known here; known are small_print and footer, and words in the section of a \
                         language, for example [text.de]"
                    );
                    return Err(place.error(&key, &field, problem));
                }
            },
            RawText::Language(words) => {
                let language = language(place, &key, &field)?;
                single.insert(language, own_texts(place, &key, words)?);
            }
        }
    }
    Ok((general, single))
}

fn own_texts(
    place: &Place<'_>,
    section: &Spanned<String>,
    mut words: BTreeMap<String, String>,
) -> Result<Texts, ProfileError> {
    let small_print = words.remove("small_print").unwrap_or_default();
    let footer = words.remove("footer").unwrap_or_default();
    let vocabulary = Vocabulary::load().map_err(|error| ProfileError::whole(place.file, &error.to_string()))?;
    let known: Vec<&str> = vocabulary.names().chain(["small_print", "footer"]).collect();
    if let Some(unknown) = words.keys().find(|word| !known.contains(&word.as_str())) {
        let problem = match nearest(unknown, known.iter().copied()) {
            Some(meant) => format!("`{unknown}` is not known; perhaps `{meant}` is meant"),
            None => format!("`{unknown}` is not known; the words that can be set are {}", known.join(", ")),
        };
        return Err(place.error(section, &format!("text.{}.{unknown}", section.get_ref()), problem));
    }
    for (name, text) in [("small_print", &small_print), ("footer", &footer)] {
        if let Some(problem) = too_long(name, text) {
            return Err(place.error(section, &format!("text.{}.{name}", section.get_ref()), problem));
        }
    }
    Ok(Texts { small_print, footer, words })
}

/// Why a text does not fit its place on the page, if it does not.
fn too_long(name: &str, text: &str) -> Option<String> {
    let (signs, lines) = (text.chars().count(), text.lines().count());
    let (longest, most) = if name == "footer" { (LONGEST_FOOTER, 2) } else { LONGEST_SMALL_PRINT };
    (signs > longest || lines > most).then(|| {
        format!(
            "it has {signs} signs in {lines} lines and does not fit its place on the page; write at most {longest} signs in \
             {most} lines"
        )
    })
}

fn xrechnung(place: &Place<'_>, section: Spanned<RawXRechnung>) -> Result<XRechnungData, ProfileError> {
    let span = Spanned::new(section.span(), ());
    let raw = section.into_inner();
    let scheme = match &raw.electronic_address_scheme {
        None => "EM".to_owned(),
        Some(value) => {
            let problem = |error: en16931::codes::guard::CodeError| {
                place.error(value, "xrechnung.electronic_address_scheme", error.to_string())
            };
            en16931::codes::guard::eas(value.get_ref()).map_err(problem)?.as_str().to_owned()
        }
    };
    let needed = [
        ("contact_name", &raw.contact_name),
        ("contact_phone", &raw.contact_phone),
        ("contact_email", &raw.contact_email),
    ];
    if raw.when != XRechnungWhen::Never
        && let Some((name, _)) = needed.into_iter().find(|(_, text)| text.trim().is_empty())
    {
        let problem = format!("`{name}` is missing; an XRechnung must name whom to ask");
        return Err(place.error(&span, &format!("xrechnung.{name}"), problem));
    }
    let address = if raw.electronic_address.is_empty() { raw.contact_email.clone() } else { raw.electronic_address };
    Ok(XRechnungData {
        when: raw.when,
        syntax: raw.syntax,
        contact_name: raw.contact_name,
        contact_phone: raw.contact_phone,
        contact_email: raw.contact_email,
        electronic_address: address,
        electronic_address_scheme: scheme,
    })
}

fn fattura_pa(place: &Place<'_>, raw: &RawFatturaPa) -> Result<FatturaPaData, ProfileError> {
    let two_letters = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let province =
        |value: &Spanned<String>, field: &str| place.matching(value, field, "two large letters", two_letters);
    let rea = match (&raw.rea_office, &raw.rea_number) {
        (None, None) => None,
        (Some(office), Some(number)) => Some(Rea {
            office: province(office, "fattura_pa.rea_office")?,
            number: place.filled(number, "fattura_pa.rea_number")?,
            in_liquidation: raw.in_liquidation,
        }),
        (Some(one), None) | (None, Some(one)) => {
            let problem = "rea_office and rea_number go together; write both or none".to_owned();
            return Err(place.error(one, "fattura_pa.rea_number", problem));
        }
    };
    Ok(FatturaPaData {
        regime: place.matching(&raw.regime, "fattura_pa.regime", "RF01 to RF20", |text| {
            text.strip_prefix("RF").and_then(|number| number.parse::<u8>().ok()).is_some_and(|n| (1..=20).contains(&n))
        })?,
        codice_fiscale: compact(&raw.codice_fiscale),
        street: place.filled(&raw.street, "fattura_pa.street")?,
        postal_code: place.matching(
            &raw.postal_code,
            "fattura_pa.postal_code",
            "a postal code of five digits",
            |text| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()),
        )?,
        city: place.filled(&raw.city, "fattura_pa.city")?,
        province: province(&raw.province, "fattura_pa.province")?,
        rea,
    })
}
