//! The fonts beside the code, and which signs they have.

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The font files, in the order in which they are asked for a sign.
const FILES: [&[u8]; 9] = [
    include_bytes!("../fonts/Inter-Regular.ttf"),
    include_bytes!("../fonts/Inter-SemiBold.ttf"),
    include_bytes!("../fonts/WenQuanYiMicroHei-EastAsian.ttf"),
    include_bytes!("../fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/NotoSansGeorgian-Regular.ttf"),
    include_bytes!("../fonts/NotoSansArmenian-Regular.ttf"),
];

/// How many of the files are for scripts whose signs stand alone: Latin, Greek, Cyrillic, East Asian.
const SIMPLE_FILES: usize = 3;

/// The loaded fonts.
pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) list: Vec<Font>,
    all: Coverage,
    simple: Coverage,
}

impl Fonts {
    /// Loads the fonts, which are part of the program.
    pub(crate) fn load() -> Self {
        let fonts: Vec<Font> = FILES.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect();
        let simple = Coverage::of(fonts.iter().take(SIMPLE_FILES));
        let all = Coverage::of(fonts.iter());
        Self { book: LazyHash::new(FontBook::from_fonts(&fonts)), list: fonts, all, simple }
    }

    /// Whether a page can show the sign. A PDF/A file must not have a sign that its font lacks.
    pub(crate) fn covers(&self, sign: char) -> bool {
        self.all.contains(sign)
    }

    /// The same for the scripts that need no joining or reordering of signs.
    pub(crate) fn covers_simply(&self, sign: char) -> bool {
        self.simple.contains(sign)
    }
}

/// A set of signs, as bits.
struct Coverage(Vec<u64>);

impl Coverage {
    fn of<'a>(fonts: impl Iterator<Item = &'a Font>) -> Self {
        let mut words = Vec::new();
        for sign in fonts.flat_map(|font| font.info().coverage.iter()) {
            let (word, bit) = place(sign);
            if words.len() <= word {
                words.resize(word.saturating_add(1), 0_u64);
            }
            if let Some(word) = words.get_mut(word) {
                *word |= bit;
            }
        }
        Self(words)
    }

    fn contains(&self, sign: char) -> bool {
        let (word, bit) = place(u32::from(sign));
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

fn place(sign: u32) -> (usize, u64) {
    (usize::try_from(sign >> 6).unwrap_or(usize::MAX), 1 << (sign & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_europe_and_asia_can_be_shown() {
        let fonts = Fonts::load();
        assert_eq!(fonts.list.len(), FILES.len());
        let names = "Müller Łukasz Søren Íñigo Şahin Ειρήνη Ђорђе Їжак 王小明 山田太郎 ヤマダ 김민준 −€£₺\u{a0}";
        let missing: Vec<char> = names.chars().filter(|sign| !fonts.covers_simply(*sign)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let others = "محمد שרה สมชาย प्रिया გიორგი Արամ";
        let missing: Vec<char> = others.chars().filter(|sign| !fonts.covers(*sign)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(!fonts.covers('🔥'));
    }
}
