//! Addresses: the window of the envelope, the sender's line, the delivery, the foot of the page.

use countinghouse_vat_invoices::document::PostalAddress;

use super::{DeliveryView, Page};

/// The line above the recipient, small.
pub(super) fn sender(page: &Page<'_>) -> String {
    let seller = &page.profile.seller;
    let city = join(&[&seller.postal_code, &seller.city], " ");
    page.cleaner.text(&join(&[&seller.name, &seller.street, &city], " · "))
}

/// Name, street, city and, abroad, the country: at most seven lines fit the window.
pub(super) fn recipient(page: &Page<'_>) -> Vec<String> {
    let address = page.document.invoice_address();
    let mut lines = vec![page.document.invoice_name().expose().to_owned()];
    for name in [&page.document.buyer.company, &address.name, &page.document.buyer.name] {
        // The company and the person; the same name only once.
        let known = lines.iter().any(|line| same(line, name.expose()));
        if !name.is_empty() && !known && lines.len() < 2 {
            lines.push(name.expose().to_owned());
        }
    }
    lines.extend(place(page, address));
    clean(page, &lines)
}

/// The size of type in points with which the recipient's lines fit the window, 27 mm high and 80 mm wide.
pub(super) fn size(lines: &[String]) -> f32 {
    let wrapped = |letters: usize| lines.iter().map(|line| line.chars().count().div_ceil(letters)).sum::<usize>();
    // Points, letters in a line, lines in the window.
    let sizes = [(9.5, 42, 6), (8.5, 47, 7), (7.5, 54, 8)];
    sizes.into_iter().find(|(_, letters, most)| wrapped(*letters) <= *most).map_or(6.5, |(size, _, _)| size)
}

/// Where the goods went, where that is not the recipient's address.
pub(super) fn delivery(page: &Page<'_>) -> Option<DeliveryView> {
    let (bill_to, ship_to) = (page.document.invoice_address(), &page.document.ship_to);
    if ship_to.is_empty() || page.is_credit() {
        return None;
    }
    let (there, here) = (place(page, ship_to), place(page, bill_to));
    if there.len() == here.len() && there.iter().zip(&here).all(|(there, here)| same(there, here)) {
        return None;
    }
    let mut lines = vec![ship_to.name.expose().to_owned()];
    lines.extend(there);
    Some(DeliveryView { label: page.labels.delivered_to.clone(), lines: clean(page, &lines) })
}

fn place(page: &Page<'_>, address: &PostalAddress) -> Vec<String> {
    let mut lines: Vec<String> = address.lines.iter().map(|line| line.expose().to_owned()).collect();
    lines.push(city(address));
    if address.country != page.profile.seller.country {
        lines.push(page.vocabulary.country(&address.country, page.language).to_uppercase());
    }
    lines
}

/// The line of the city, as its country writes it.
fn city(address: &PostalAddress) -> String {
    let (code, city, state) = (address.postal_code.expose(), address.city.expose(), address.state.expose());
    match address.country.as_str() {
        "GB" | "IE" | "XI" => join(&[city, state, code], ", "),
        "US" | "CA" | "AU" => join(&[city, &join(&[state, code], " ")], ", "),
        "IT" if state.chars().count() == 2 => join(&[code, city, &format!("({state})")], " "),
        "ES" | "IT" if !state.is_empty() && !same(state, city) => join(&[code, city, &format!("({state})")], " "),
        _ => join(&[code, city], " "),
    }
}

/// The seller's data at the foot: address, how to ask, registration.
pub(super) fn footer(page: &Page<'_>) -> Vec<Vec<String>> {
    let (seller, labels) = (&page.profile.seller, page.labels);
    let country = page.vocabulary.country(&seller.country, page.language);
    let numbers = [
        labelled(&labels.seller_vat_id, &page.document.seller.vat_number),
        labelled(&labels.tax_number, &seller.tax_number),
    ];
    let columns = [
        vec![
            seller.name.clone(),
            join(&[&seller.street, &seller.street_2], ", "),
            join(&[&seller.postal_code, &seller.city], " "),
            country.to_owned(),
        ],
        vec![seller.email.clone(), seller.phone.clone(), seller.web.clone()],
        [vec![seller.register.clone(), seller.directors.clone()], numbers.to_vec()].concat(),
    ];
    columns.into_iter().map(|lines| clean(page, &lines)).filter(|lines| !lines.is_empty()).collect()
}

fn labelled(label: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{label} {value}") }
}

fn clean(page: &Page<'_>, lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| page.cleaner.breakable(line)).filter(|line| !line.is_empty()).collect()
}

fn same(left: &str, right: &str) -> bool {
    left.trim().to_lowercase() == right.trim().to_lowercase()
}

/// The parts that are not empty.
fn join(parts: &[&str], between: &str) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_address_is_set_smaller() {
        let lines = |count: usize, letters: usize| vec!["x".repeat(letters); count];
        assert!((size(&lines(5, 30)) - 9.5).abs() < f32::EPSILON);
        assert!((size(&lines(7, 30)) - 8.5).abs() < f32::EPSILON);
        assert!((size(&lines(6, 60)) - 6.5).abs() < f32::EPSILON);
    }
}
