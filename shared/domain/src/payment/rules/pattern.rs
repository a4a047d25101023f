//! One text of a rule, and how texts are compared.

/// A text as it is compared: in lower case, without blanks, `_` and `-`.
///
/// Amazon and the programs around it write one name in several ways: `Digital Services Fee` and
/// `DigitalServicesFee`, `Shipment-Fees` and `ShipmentFees`, `Base fee` and `BASE_FEE`.
pub(super) fn fold(text: &str) -> String {
    text.chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A pattern; its text is folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Any text, an empty one too.
    Any,
    /// Every text that begins so.
    Prefix(Box<str>),
    /// This text.
    Exact(Box<str>),
}

impl Pattern {
    /// Reads `*`, `text*`, `(none)` or `text`.
    pub(super) fn new(written: &str) -> Self {
        match (written, written.strip_suffix('*')) {
            ("*", _) => Self::Any,
            ("(none)", _) => Self::Exact("".into()),
            (_, Some(beginning)) => Self::Prefix(fold(beginning).into()),
            (_, None) => Self::Exact(fold(written).into()),
        }
    }

    /// Whether a folded text matches.
    pub(super) fn matches(&self, folded: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(beginning) => folded.starts_with(&**beginning),
            Self::Exact(text) => *folded == **text,
        }
    }

    /// How narrow it is: of two patterns that match one text, the narrower one has the larger number.
    pub(super) fn narrowness(&self) -> u32 {
        match self {
            Self::Any => 0,
            Self::Prefix(beginning) => u32::try_from(beginning.len()).unwrap_or(EXACT).saturating_add(1).min(EXACT),
            Self::Exact(_) => EXACT,
        }
    }
}

/// Narrower than any prefix.
const EXACT: u32 = 1 << 16;
