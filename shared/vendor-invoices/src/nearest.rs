//! The known name that was probably meant.

/// The known name that is spelled most like `name`, if one is close enough; letters of either case are alike.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wanted: Vec<char> = name.chars().take(64).flat_map(char::to_lowercase).collect();
    let allowed = 1 + wanted.len() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added or left out.
fn distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, l) in left.iter().enumerate() {
        let mut next = vec![above + 1];
        for ((r, changed), removed) in right.iter().zip(&row).zip(row.iter().skip(1)) {
            let added = next.last().copied().unwrap_or(0) + 1;
            next.push((changed + usize::from(l != r)).min(removed + 1).min(added));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_name_that_was_meant() {
        let known = ["taxDetails", "chargeDetails", "netCost"];
        assert_eq!(nearest("taxDetail", known), Some("taxDetails"));
        assert_eq!(nearest("NETCOST", known), Some("netCost"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
