//! The name that was probably meant.

/// The candidate that is nearest to what was written, if one is near.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = written.chars().count().div_ceil(3);
    let distances = candidates.into_iter().map(|candidate| (distance(written, candidate), candidate));
    distances.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added or removed (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut next = vec![index.saturating_add(1)];
        for ((other, above), diagonal) in right.iter().zip(row.iter().skip(1)).zip(&row) {
            let replaced = diagonal.saturating_add(usize::from(letter != *other));
            let before = next.last().copied().unwrap_or_default();
            next.push(replaced.min(above.saturating_add(1)).min(before.saturating_add(1)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let names = ["postal_code", "city", "country"];
        assert_eq!(nearest("postcode", names), Some("postal_code"));
        assert_eq!(nearest("contry", names), Some("country"));
        assert_eq!(nearest("colour", names), None);
    }
}
