//! Texts in Latin-1, as the schema of FatturaPA wants them: other letters are written with those that sound or look
//! alike, and what has none becomes a question mark.

/// Letters beyond Latin-1 and how they are written, capital letters first, in the order of their alphabets.
const LETTERS: &str = "Ā A Ă A Ą A Ć C Ĉ C Ċ C Č C Ď D Đ D Ē E Ĕ E Ė E Ę E Ě E Ĝ G Ğ G Ġ G Ģ G Ĥ H Ħ H Ĩ I Ī I Ĭ I Į I İ I \
    Ĳ IJ Ĵ J Ķ K Ĺ L Ļ L Ľ L Ŀ L Ł L Ń N Ņ N Ň N Ŋ N Ō O Ŏ O Ő O Œ OE Ŕ R Ŗ R Ř R Ś S Ŝ S Ş S Š S Ţ T Ť T Ŧ T Ũ U Ū U \
    Ŭ U Ů U Ű U Ų U Ŵ W Ŷ Y Ÿ Y Ź Z Ż Z Ž Z Ș S Ț T ẞ SS \
    Α A Ά A Β V Γ G Δ D Ε E Έ E Ζ Z Η I Ή I Θ Th Ι I Ί I Ϊ I Κ K Λ L Μ M Ν N Ξ X Ο O Ό O Π P Ρ R Σ S Τ T Υ Y Ύ Y Ϋ Y \
    Φ F Χ Ch Ψ Ps Ω O Ώ O \
    А A Б B В V Г G Ґ G Д D Ђ Dj Е E Ё E Є Ye Ж Zh З Z И I І I Ї Yi Й I Ј J К K Л L Љ Lj М M Н N Њ Nj О O П P Р R С S Т T \
    Ћ C У U Ў U Ф F Х Kh Ц Ts Ч Ch Џ Dz Ш Sh Щ Shch Ъ - Ы Y Ь - Э E Ю Yu Я Ya";

/// Single signs: letters that have no capital, and typography.
const SIGNS: [(char, &str); 22] = [
    ('ı', "i"),
    ('ĸ', "k"),
    ('ŉ', "n"),
    ('ſ', "s"),
    ('ς', "s"),
    ('ΐ', "i"),
    ('ΰ', "y"),
    ('‐', "-"),
    ('‑', "-"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('‚', "'"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('…', "..."),
    ('•', "-"),
    ('€', "EUR"),
    ('™', "TM"),
];

/// The text in Latin-1 and with single spaces, at most so many signs long.
pub(super) fn latin(text: &str, longest: usize) -> String {
    let mut written = String::with_capacity(text.len());
    let mut before = ' ';
    for sign in text.chars() {
        if sign.is_whitespace() || sign.is_control() {
            if !written.is_empty() && !written.ends_with(' ') {
                written.push(' ');
            }
        } else if u32::from(sign) <= 0xff {
            written.push(sign);
        } else if matches!((before, sign), ('ο' | 'Ο', 'υ' | 'ύ' | 'Υ' | 'Ύ')) {
            // The two Greek letters are one sound.
            written.push(if sign.is_uppercase() { 'U' } else { 'u' });
        } else {
            written.push_str(&substitute(sign));
        }
        before = sign;
    }
    written.trim_end().chars().take(longest).collect()
}

fn substitute(sign: char) -> String {
    if let Some((_, text)) = SIGNS.iter().find(|(each, _)| *each == sign) {
        return (*text).to_owned();
    }
    if matches!(sign, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}') {
        return String::new();
    }
    let capital: String = sign.to_uppercase().collect();
    let mut words = LETTERS.split_ascii_whitespace();
    while let (Some(letter), Some(text)) = (words.next(), words.next()) {
        if letter == capital {
            let text = if text == "-" { "" } else { text };
            return if sign.is_uppercase() { text.to_owned() } else { text.to_lowercase() };
        }
    }
    "?".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_alphabets_are_written_in_latin_letters() {
        assert_eq!(latin("Łódź, Çelik Ğ ő ș", 80), "Lódz, Çelik G o s");
        assert_eq!(latin("Ελένη Παπαδοπούλου", 80), "Eleni Papadopoulou");
        assert_eq!(latin("Юлия Щербакова, Ђорђе", 80), "Yuliya Shcherbakova, Djordje");
        assert_eq!(latin("“L’Oréal” – 5 €…", 80), "\"L'Oréal\" - 5 EUR...");
        assert_eq!(latin("山田 🔥 x", 80), "?? ? x");
    }

    #[test]
    fn texts_are_cut_by_signs_not_bytes() {
        assert_eq!(latin("ààààà", 3), "ààà");
    }
}
