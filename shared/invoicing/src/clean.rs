//! Texts as a page and an XML file can take them.

use crate::fonts::Fonts;

/// What stands where no font has a sign.
const REPLACEMENT: char = '□';

/// How careful a page is made. A file with a sign that its font lacks is refused as PDF/A, so after a refusal the page
/// is made again with fewer signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caution {
    /// Every sign that a font has.
    Usual,
    /// Only scripts whose signs stand alone.
    Simple,
    /// Only ASCII.
    Ascii,
}

impl Caution {
    pub(crate) const ALL: [Self; 3] = [Self::Usual, Self::Simple, Self::Ascii];
}

/// Makes texts fit for the page and counts what had to be replaced.
pub(crate) struct Cleaner<'a> {
    pub(crate) fonts: &'a Fonts,
    pub(crate) caution: Caution,
    pub(crate) replaced: std::cell::Cell<usize>,
}

impl<'a> Cleaner<'a> {
    pub(crate) const fn new(fonts: &'a Fonts, caution: Caution) -> Self {
        Self { fonts, caution, replaced: std::cell::Cell::new(0) }
    }

    /// The text with single spaces, without invisible signs, and with a box for what cannot be shown.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        for sign in text.chars() {
            if sign.is_whitespace() || sign.is_control() {
                if !clean.is_empty() && !clean.ends_with(' ') {
                    clean.push(' ');
                }
            } else if self.shows(sign) {
                clean.push(sign);
            } else if !is_invisible(sign) {
                clean.push(if self.caution == Caution::Ascii { '?' } else { REPLACEMENT });
                self.replaced.set(self.replaced.get().saturating_add(1));
            }
        }
        clean.truncate(clean.trim_end().len());
        clean
    }

    /// The same for a text that may be longer than a line without a space: places to break are put into long words.
    pub(crate) fn breakable(&self, text: &str) -> String {
        breakable(&self.text(text))
    }

    fn shows(&self, sign: char) -> bool {
        match self.caution {
            Caution::Usual => self.fonts.covers(sign) && !is_invisible(sign),
            Caution::Simple => self.fonts.covers_simply(sign) && !is_combining(sign) && !is_invisible(sign),
            Caution::Ascii => sign.is_ascii(),
        }
    }
}

/// Signs that only say how others are shown; emoji are followed by them. The joiners of Arabic and Indian scripts stay.
fn is_invisible(sign: char) -> bool {
    matches!(sign,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(sign, '\u{200c}' | '\u{200d}')
}

fn is_combining(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}')
}

/// So many letters fit into the narrowest column that holds words of customers.
const LONGEST_WORD: usize = 22;

/// Puts places to break into words that do not fit: after every so many letters, after a separator where one is near.
/// Words that fit are left as they are, so that an order's number can be copied from the page. Scripts without spaces
/// break anywhere by themselves.
fn breakable(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for word in text.split_inclusive(' ') {
        if word.chars().count() > LONGEST_WORD {
            break_word(word, &mut broken);
        } else {
            broken.push_str(word);
        }
    }
    broken
}

fn break_word(word: &str, broken: &mut String) {
    let mut run = 0_usize;
    for sign in word.chars() {
        broken.push(sign);
        run = if u32::from(sign) >= 0x1100 { 0 } else { run.saturating_add(1) };
        let separator = matches!(sign, '-' | '_' | '/' | '.' | ',' | '+' | '|' | '&' | '=');
        if run >= LONGEST_WORD || (separator && run.saturating_mul(2) >= LONGEST_WORD) {
            broken.push('\u{200b}');
            run = 0;
        }
    }
}

/// The text as XML 1.0 can have it: single spaces, no control characters, never more than so many letters.
pub(crate) fn xml(text: &str, longest: usize) -> String {
    let fit = |sign: &char| !matches!(sign, '\u{fffe}' | '\u{ffff}');
    let mut clean = String::with_capacity(text.len());
    for sign in text.chars().filter(fit) {
        if !(sign.is_whitespace() || sign.is_control()) {
            clean.push(sign);
        } else if !clean.is_empty() && !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    let cut: String = clean.trim_end().chars().take(longest).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_no_font_has_becomes_a_box_and_is_counted() {
        let fonts = Fonts::load();
        let cleaner = Cleaner::new(&fonts, Caution::Usual);
        assert_eq!(cleaner.text("  Lampe\t🔥❤\u{fe0f}\u{1f44d}\u{1f3fd} \u{0} 山田\n"), "Lampe □❤□ 山田");
        assert_eq!(cleaner.replaced.get(), 2);
    }

    #[test]
    fn more_caution_leaves_fewer_signs() {
        let fonts = Fonts::load();
        let text = |caution| Cleaner::new(&fonts, caution).text("Zoë محمد 山");
        assert_eq!(text(Caution::Usual), "Zoë محمد 山");
        assert_eq!(text(Caution::Simple), "Zoë □□□□ 山");
        assert_eq!(text(Caution::Ascii), "Zo? ???? ?");
    }

    #[test]
    fn long_words_get_places_to_break() {
        assert_eq!(breakable("SKU-1234567890/ABCDEFGHIJKLMNOPQRSTUVWXYZ").matches('\u{200b}').count(), 2);
        assert_eq!(breakable("an ordinary title of some words"), "an ordinary title of some words");
        assert_eq!(breakable("302-1063352-1837832"), "302-1063352-1837832");
    }

    #[test]
    fn xml_has_neither_control_characters_nor_surplus() {
        assert_eq!(xml(" a\u{1}b\u{ffff}c \n d ", 80), "a bc d");
        assert_eq!(xml("αβγδε", 3), "αβγ");
    }

    proptest! {
        #[test]
        fn every_text_becomes_one_that_can_be_shown(text in "\\PC{0,60}") {
            let fonts = Fonts::load();
            let cleaner = Cleaner::new(&fonts, Caution::Usual);
            let clean = cleaner.text(&text);
            prop_assert!(clean.chars().all(|sign| fonts.covers(sign)));
        }
    }
}
