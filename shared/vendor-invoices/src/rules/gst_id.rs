//! India's GST identification numbers (GSTIN): 15 characters, the last of which checks the others.

/// What is expected where one is wrong.
pub(super) const A_GST_ID: &str = "a GST id of 15 characters, for example 27AAPFU0939F1ZV";

/// What is wrong with a GST id, `None` if nothing is: 15 digits and capital letters, the code of a state or 97 or 99
/// at the front, the check character at the end. What stands between depends on the kind of the taxpayer.
pub(super) fn check(id: &str) -> Option<String> {
    let signs = id.chars().count();
    if signs != 15 {
        return Some(format!("{signs} characters"));
    }
    let Some(values) = id.chars().map(value).collect::<Option<Vec<u32>>>() else {
        return Some("a sign that is neither a digit nor a capital letter".to_owned());
    };
    let state = id.get(..2).and_then(|code| code.parse::<u32>().ok());
    if !state.is_some_and(|state| (1..=38).contains(&state) || state == 97 || state == 99) {
        return Some("it does not begin with the code of a state, 01 to 38".to_owned());
    }
    let (last, others) = values.split_last()?;
    let right = check_value(others);
    (right != *last).then(|| {
        let sign = char::from_digit(right, 36).unwrap_or('?').to_ascii_uppercase();
        format!("the check character should be {sign}")
    })
}

/// The value of a character: digits first, then letters.
fn value(sign: char) -> Option<u32> {
    (!sign.is_ascii_lowercase()).then(|| sign.to_digit(36)).flatten()
}

/// The check value: characters are weighted 1, 2, 1, 2, …; of each product the quotient and the remainder by 36 are
/// added; the check value makes the sum divisible by 36.
fn check_value(values: &[u32]) -> u32 {
    let weights = [1, 2].into_iter().cycle();
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).map(|p| p / 36 + p % 36).sum();
    (36 - sum % 36) % 36
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_ids_pass() {
        for id in ["27AAPFU0939F1ZV", "29AAGCB7383J1Z4", "27AASCS2460H1Z0"] {
            assert_eq!(check(id), None, "{id}");
        }
    }

    #[test]
    fn a_single_wrong_character_is_noticed() {
        let id = "27AAPFU0939F1ZV";
        for place in 0..15 {
            for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars() {
                let mut wrong: Vec<char> = id.chars().collect();
                wrong[place] = sign;
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(check(&wrong).is_none(), wrong == id, "{wrong}");
            }
        }
    }

    #[test]
    fn the_fault_is_named() {
        assert_eq!(check("VENDORTAXID").unwrap(), "11 characters");
        assert_eq!(check("27aapfu0939f1zv").unwrap(), "a sign that is neither a digit nor a capital letter");
        assert_eq!(check("27AAPFU0939F1ZA").unwrap(), "the check character should be V");
        assert!(check("55AAPFU0939F1ZV").unwrap().contains("state"));
    }
}
