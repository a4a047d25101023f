//! FatturaPA, the electronic invoice of Italy: format FPR12 (or FPA12 for public offices), schema 1.2.3.

mod latin;
mod xml;

use countinghouse_domain::document::{DocumentKind, Personal};
use countinghouse_vat_invoices::document::{ChargeKind, DueDocument, PostalAddress, RegistrationType, VatCategory};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::einvoice::{Material, lines::label};
use crate::error::RenderError;
use crate::language::{Language, at_least_two_decimals};
use crate::profile::FatturaPaData;
use crate::profile::check::compact;
use crate::view;
use latin::latin;
use xml::Xml;

const NAMESPACE: &str = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2";
/// Where an invoice goes that has no code of a recipient: the Sistema di Interscambio puts it into the fiscal drawer.
const NO_RECIPIENT: &str = "0000000";
/// The longest number that the schema takes.
const LONGEST_NUMBER: usize = 20;

/// A FatturaPA and what is worth knowing about it.
pub(crate) struct FatturaPa {
    pub(crate) xml: Vec<u8>,
    pub(crate) notes: Vec<String>,
}

/// Writes the FatturaPA of a document.
pub(crate) fn write(material: &Material<'_>) -> Result<FatturaPa, RenderError> {
    let missing = |what: &str| RenderError::FatturaPa(what.to_owned());
    let data = material.profile.fattura_pa.as_ref();
    let data = data.ok_or_else(|| missing("the profile has no section fattura_pa"))?;
    let seller = compact(&material.document.seller.vat_number);
    let partita_iva = seller.strip_prefix("IT").filter(|number| is_digits(number, 11));
    let partita_iva =
        partita_iva.ok_or_else(|| missing("the seller's VAT number is not an Italian one of 11 digits"))?;
    if material.issue.number.chars().count() > LONGEST_NUMBER {
        return Err(RenderError::FatturaPa(format!("its number is longer than {LONGEST_NUMBER} signs")));
    }
    let recipient = Recipient::of(material.document);
    let mut xml = Xml::begin("p:FatturaElettronica", &[("xmlns:p", NAMESPACE), ("versione", recipient.format)]);
    xml.open("FatturaElettronicaHeader");
    transmission(&mut xml, material, partita_iva, &recipient);
    seller_part(&mut xml, material, data, partita_iva);
    buyer_part(&mut xml, material.document)?;
    xml.close("FatturaElettronicaHeader");
    xml.open("FatturaElettronicaBody");
    general(&mut xml, material);
    goods(&mut xml, material)?;
    xml.close("FatturaElettronicaBody");
    Ok(FatturaPa { xml: xml.finish("p:FatturaElettronica"), notes: notes(material.document) })
}

/// Where the invoice goes.
struct Recipient {
    format: &'static str,
    code: String,
    certified_mail: String,
}

impl Recipient {
    fn of(document: &DueDocument) -> Self {
        let account = document.buyer.e_invoice_account.expose().trim();
        let code = account.to_ascii_uppercase();
        let is_code = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        match (is_code, code.len()) {
            (true, 7) => Self { format: "FPR12", code, certified_mail: String::new() },
            (true, 6) => Self { format: "FPA12", code, certified_mail: String::new() },
            _ => {
                let certified_mail = if account.contains('@') { account.to_owned() } else { String::new() };
                Self { format: "FPR12", code: NO_RECIPIENT.to_owned(), certified_mail }
            }
        }
    }
}

fn transmission(xml: &mut Xml, material: &Material<'_>, partita_iva: &str, recipient: &Recipient) {
    xml.open("DatiTrasmissione");
    xml.open("IdTrasmittente");
    xml.leaf("IdPaese", "IT");
    xml.leaf("IdCodice", partita_iva);
    xml.close("IdTrasmittente");
    xml.leaf("ProgressivoInvio", &progressive(&material.issue.number));
    xml.leaf("FormatoTrasmissione", recipient.format);
    xml.leaf("CodiceDestinatario", &recipient.code);
    xml.filled("PECDestinatario", &recipient.certified_mail);
    xml.close("DatiTrasmissione");
}

/// Ten letters and digits that belong to the number of the document alone, the same at every writing.
fn progressive(number: &str) -> String {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKLMNPQRSTUVWX";
    let hash = Sha256::digest(number.as_bytes());
    hash.iter().take(10).filter_map(|byte| SIGNS.get(usize::from(byte & 31))).map(|sign| char::from(*sign)).collect()
}

fn seller_part(xml: &mut Xml, material: &Material<'_>, data: &FatturaPaData, partita_iva: &str) {
    xml.open("CedentePrestatore");
    xml.open("DatiAnagrafici");
    vat_number(xml, "IT", partita_iva);
    xml.filled("CodiceFiscale", &data.codice_fiscale);
    denomination(xml, &material.profile.seller.name);
    xml.leaf("RegimeFiscale", &data.regime);
    xml.close("DatiAnagrafici");
    xml.open("Sede");
    xml.leaf("Indirizzo", &latin(&data.street, 60));
    xml.leaf("CAP", &data.postal_code);
    xml.leaf("Comune", &latin(&data.city, 60));
    xml.leaf("Provincia", &data.province);
    xml.leaf("Nazione", "IT");
    xml.close("Sede");
    if let Some(rea) = &data.rea {
        xml.open("IscrizioneREA");
        xml.leaf("Ufficio", &rea.office);
        xml.leaf("NumeroREA", &latin(&rea.number, 20));
        xml.leaf("StatoLiquidazione", if rea.in_liquidation { "LS" } else { "LN" });
        xml.close("IscrizioneREA");
    }
    xml.close("CedentePrestatore");
}

fn buyer_part(xml: &mut Xml, document: &DueDocument) -> Result<(), RenderError> {
    xml.open("CessionarioCommittente");
    xml.open("DatiAnagrafici");
    registration(xml, document)?;
    denomination(xml, document.invoice_name().expose());
    xml.close("DatiAnagrafici");
    seat(xml, document.invoice_address());
    xml.close("CessionarioCommittente");
    Ok(())
}

/// The partita IVA, or the codice fiscale of a person or body.
fn registration(xml: &mut Xml, document: &DueDocument) -> Result<(), RenderError> {
    let number = compact(document.buyer.vat_number.expose());
    let bare = number.strip_prefix("IT").unwrap_or(&number);
    let is_vat = matches!(document.buyer.registration_type, RegistrationType::Vat | RegistrationType::NotStated);
    if is_vat && is_digits(bare, 11) {
        vat_number(xml, "IT", bare);
        return Ok(());
    }
    if let Some((country, rest)) = document.buyer.vat_country().and_then(|_| number.split_at_checked(2)) {
        vat_number(xml, country, rest);
        return Ok(());
    }
    if matches!(bare.len(), 11..=16) {
        xml.leaf("CodiceFiscale", bare);
        return Ok(());
    }
    Err(RenderError::FatturaPa("the buyer has neither a partita IVA nor a codice fiscale".to_owned()))
}

fn vat_number(xml: &mut Xml, country: &str, number: &str) {
    xml.open("IdFiscaleIVA");
    xml.leaf("IdPaese", country);
    xml.leaf("IdCodice", number);
    xml.close("IdFiscaleIVA");
}

fn denomination(xml: &mut Xml, name: &str) {
    xml.open("Anagrafica");
    xml.leaf("Denominazione", &or_dash(latin(name, 80)));
    xml.close("Anagrafica");
}

fn seat(xml: &mut Xml, address: &PostalAddress) {
    let country = if address.country.is_empty() { "IT" } else { &address.country };
    let street: Vec<&str> = address.lines.iter().map(Personal::expose).collect();
    let code: String = address.postal_code.expose().chars().filter(char::is_ascii_digit).collect();
    let province = address.state.expose().trim().to_ascii_uppercase();
    xml.open("Sede");
    xml.leaf("Indirizzo", &or_dash(latin(&street.join(", "), 60)));
    xml.leaf("CAP", if country == "IT" && is_digits(&code, 5) { &code } else { "00000" });
    xml.leaf("Comune", &or_dash(latin(address.city.expose(), 60)));
    if country == "IT" && province.len() == 2 && province.bytes().all(|byte| byte.is_ascii_uppercase()) {
        xml.leaf("Provincia", &province);
    }
    xml.leaf("Nazione", country);
    xml.close("Sede");
}

fn general(xml: &mut Xml, material: &Material<'_>) {
    let document = material.document;
    xml.open("DatiGenerali");
    xml.open("DatiGeneraliDocumento");
    xml.leaf("TipoDocumento", if document.kind == DocumentKind::CreditNote { "TD04" } else { "TD01" });
    xml.leaf("Divisa", document.currency.code());
    xml.leaf("Data", &material.issue.issued_on.to_string());
    xml.leaf("Numero", &latin(&material.issue.number, LONGEST_NUMBER));
    xml.leaf("ImportoTotaleDocumento", &plain(document.total.gross));
    for cause in [italian_sentence(material), document.correction.clone().unwrap_or_default()] {
        xml.filled("Causale", &latin(&cause, 200));
    }
    xml.close("DatiGeneraliDocumento");
    xml.open("DatiOrdineAcquisto");
    let order = if document.purchase_order.is_empty() { &document.order_id } else { document.purchase_order.expose() };
    xml.leaf("IdDocumento", &or_dash(latin(order, 20)));
    xml.close("DatiOrdineAcquisto");
    if let Some(original) = document.original.as_ref().filter(|original| !original.number.trim().is_empty()) {
        xml.open("DatiFattureCollegate");
        xml.leaf("IdDocumento", &latin(&original.number, 20));
        xml.filled("Data", &original.issued_on.map(|day| day.to_string()).unwrap_or_default());
        xml.close("DatiFattureCollegate");
    }
    xml.close("DatiGenerali");
}

fn italian_sentence(material: &Material<'_>) -> String {
    let labels = material.vocabulary.labels(Language::It, None);
    let labels = labels.as_ref().unwrap_or(material.labels);
    view::tax_sentence(material.document, material.vocabulary, labels, Language::It)
}

fn goods(xml: &mut Xml, material: &Material<'_>) -> Result<(), RenderError> {
    let document = material.document;
    xml.open("DatiBeniServizi");
    let mut number = 0_usize;
    for line in &document.lines {
        for charge in &line.charges {
            number = number.saturating_add(1);
            let is_item = charge.kind == ChargeKind::Item;
            let quantity = if is_item { Decimal::from(line.quantity.max(1)) } else { Decimal::ONE };
            let price = charge.amounts.net.checked_div(quantity).unwrap_or(charge.amounts.net).round_dp(8);
            let name =
                if is_item && !line.title.is_empty() { &line.title } else { label(material.labels, charge.kind) };
            xml.open("DettaglioLinee");
            xml.leaf("NumeroLinea", &number.to_string());
            match charge.kind {
                ChargeKind::Item => {}
                ChargeKind::Shipping | ChargeKind::GiftWrap => xml.leaf("TipoCessionePrestazione", "AC"),
                ChargeKind::ItemPromotion | ChargeKind::GiftWrapPromotion | ChargeKind::ShippingPromotion => {
                    xml.leaf("TipoCessionePrestazione", "SC");
                }
            }
            for (kind, code) in [("SKU", &line.sku), ("ASIN", &line.asin)] {
                if is_item && !code.trim().is_empty() {
                    xml.open("CodiceArticolo");
                    xml.leaf("CodiceTipo", kind);
                    xml.leaf("CodiceValore", &latin(code, 35));
                    xml.close("CodiceArticolo");
                }
            }
            xml.leaf("Descrizione", &or_dash(latin(name, 1_000)));
            xml.leaf("Quantita", &plain(quantity));
            xml.leaf("PrezzoUnitario", &plain(price));
            xml.leaf("PrezzoTotale", &plain(charge.amounts.net));
            xml.leaf("AliquotaIVA", &percent(charge.rate));
            xml.filled("Natura", nature(charge.category)?);
            xml.close("DettaglioLinee");
        }
    }
    summary(xml, material)?;
    xml.close("DatiBeniServizi");
    Ok(())
}

fn summary(xml: &mut Xml, material: &Material<'_>) -> Result<(), RenderError> {
    for group in &material.document.by_rate {
        let nature = nature(group.category)?;
        xml.open("DatiRiepilogo");
        xml.leaf("AliquotaIVA", &percent(group.rate));
        xml.filled("Natura", nature);
        xml.leaf("ImponibileImporto", &plain(group.total.net));
        xml.leaf("Imposta", &plain(group.total.vat));
        if nature.is_empty() {
            xml.leaf("EsigibilitaIVA", "I");
        } else {
            xml.filled("RiferimentoNormativo", &latin(&italian_sentence(material), 100));
        }
        xml.close("DatiRiepilogo");
    }
    Ok(())
}

/// Why there is no VAT, in the codes of the tax authority; empty where there is.
fn nature(category: VatCategory) -> Result<&'static str, RenderError> {
    match category {
        VatCategory::Standard => Ok(""),
        VatCategory::IntraCommunity => Ok("N3.2"),
        VatCategory::Export => Ok("N3.1"),
        VatCategory::ReverseCharge => Ok("N6.9"),
        VatCategory::NotSubject => Ok("N2.2"),
        VatCategory::Zero => {
            Err(RenderError::FatturaPa("a rate of zero needs a reason (natura), and the report has none".to_owned()))
        }
    }
}

/// The tax authority refuses an invoice whose VAT is more than a cent from base × rate; Amazon's sums of rows may be.
fn notes(document: &DueDocument) -> Vec<String> {
    let cent = Decimal::new(1, 2);
    let far = document.by_rate.iter().filter(|group| {
        let exact = group.total.net.checked_mul(group.rate).unwrap_or(group.total.vat);
        exact.round_dp(2).checked_sub(group.total.vat).is_some_and(|difference| difference.abs() > cent)
    });
    far.map(|group| {
        format!(
            "the Sistema di Interscambio may refuse the VAT of {} at {} %: it is more than a cent from base times rate \
             (error 00421), and Amazon accepts no other",
            group.total.vat,
            percent(group.rate)
        )
    })
    .collect()
}

fn percent(rate: Decimal) -> String {
    plain(rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate))
}

fn plain(amount: Decimal) -> String {
    at_least_two_decimals(amount).to_string()
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}
