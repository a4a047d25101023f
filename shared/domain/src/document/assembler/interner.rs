//! Texts that come again and again, once.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use super::arena::{Arena, At};
use super::links::Index;
use super::pack::{Unpack, put_bytes, put_length};

/// More addresses than marketplaces have forms of them.
const MODELS: usize = 32;

/// An address is described by a model only if this much of its beginning agrees.
const WORTHWHILE: usize = 16;

/// Stores equal groups of texts once, and addresses by how they differ from a model.
#[derive(Debug, Default)]
pub(super) struct Interner {
    arena: Arena,
    places: Vec<At>,
    index: Index,
    models: Vec<Box<[u8]>>,
    last_model: usize,
}

impl Interner {
    /// The number of a group of texts; the same for equal groups. None beyond 2^32 groups.
    pub(super) fn number(&mut self, group: &[u8]) -> Option<u32> {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(group);
        let hash = hasher.finish();
        let found = self.index.find(hash, |number| self.group(number) == group);
        if found.is_some() {
            return found;
        }
        let mut record = Vec::with_capacity(group.len().saturating_add(4));
        put_bytes(&mut record, group);
        let number = u32::try_from(self.places.len()).ok()?;
        self.places.push(self.arena.push(&record)?);
        self.index.insert(hash, number);
        Some(number)
    }

    /// The group with a number.
    pub(super) fn group(&self, number: u32) -> &[u8] {
        let place = usize::try_from(number).ok().and_then(|number| self.places.get(number));
        place.map_or(&[][..], |at| Unpack(self.arena.get(*at)).bytes())
    }

    /// Packs a text by how it differs from one that was seen: addresses of documents have long beginnings
    /// and ends in common.
    pub(super) fn put_alike(&mut self, out: &mut Vec<u8>, text: &str) {
        let text = text.as_bytes();
        let Some((model, start)) = self.model_for(text) else {
            put_length(out, 0);
            put_bytes(out, text);
            return;
        };
        let known = self.models.get(model).map_or(&[][..], |model| model);
        let (known_rest, rest) = (known.get(start..).unwrap_or_default(), text.get(start..).unwrap_or_default());
        let end = common(known_rest.iter().rev(), rest.iter().rev());
        put_length(out, model.saturating_add(1));
        put_length(out, start);
        put_length(out, end);
        put_bytes(out, rest.get(..rest.len().saturating_sub(end)).unwrap_or_default());
    }

    /// The text that [`Self::put_alike`] packed.
    pub(super) fn take_alike(&self, unpack: &mut Unpack<'_>) -> String {
        let bytes = match unpack.length().checked_sub(1) {
            None => unpack.bytes().to_vec(),
            Some(model) => {
                let known = self.models.get(model).map_or(&[][..], |model| model);
                let (start, end) = (unpack.length(), unpack.length());
                let start = known.get(..start).unwrap_or_default();
                let end = known.get(known.len().saturating_sub(end)..).unwrap_or_default();
                [start, unpack.bytes(), end].concat()
            }
        };
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Goes past a text that [`Self::put_alike`] packed.
    pub(super) fn pass_alike(unpack: &mut Unpack<'_>) {
        if unpack.length() > 0 {
            unpack.length();
            unpack.length();
        }
        unpack.bytes();
    }

    /// The model that begins most like the text, and how much of the beginning agrees.
    fn model_for(&mut self, text: &[u8]) -> Option<(usize, usize)> {
        let agreement = |model: &[u8]| common(model.iter(), text.iter());
        let last = self.models.get(self.last_model).map_or(0, |model| agreement(model));
        // Nearly all addresses of a report are alike: the last model is good if it fits at all.
        let mut best = (self.last_model, last);
        if last < WORTHWHILE.max(text.len() / 4) {
            for (place, model) in self.models.iter().enumerate() {
                let agrees = agreement(model);
                if agrees > best.1 {
                    best = (place, agrees);
                }
            }
            if best.1 < WORTHWHILE.max(text.len() / 4) && text.len() > WORTHWHILE && self.models.len() < MODELS {
                best = (self.models.len(), text.len());
                self.models.push(text.into());
            }
        }
        self.last_model = best.0;
        (best.1 >= WORTHWHILE).then_some(best)
    }

    pub(super) fn bytes(&self) -> usize {
        let places = self.places.capacity().saturating_mul(size_of::<At>());
        [self.arena.bytes(), self.index.bytes(), places].into_iter().fold(0, usize::saturating_add)
    }
}

fn common<'a>(left: impl Iterator<Item = &'a u8>, right: impl Iterator<Item = &'a u8>) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_groups_have_one_number() {
        let mut interner = Interner::default();
        let one = interner.number(b"one").unwrap();
        let two = interner.number(b"two").unwrap();
        assert_ne!(one, two);
        assert_eq!(interner.number(b"one"), Some(one));
        assert_eq!(interner.group(two), b"two");
    }

    #[test]
    fn an_address_takes_only_what_is_its_own() {
        let mut interner = Interner::default();
        let mut out = Vec::new();
        interner.put_alike(&mut out, "https://www.amazon.de/gp/invoice/download.html?v=aaaa&t=EU_Retail_Forward");
        out.clear();
        interner.put_alike(&mut out, "https://www.amazon.de/gp/invoice/download.html?v=bbbb&t=EU_Retail_Forward");
        assert!(out.len() < 12, "{}", out.len());
    }

    proptest! {
        #[test]
        fn every_address_is_read_back(
            texts in proptest::collection::vec("(https://a\\.example/download/)?[aä1]{0,30}(&t=EU)?", 1..60),
        ) {
            let mut interner = Interner::default();
            let mut out = Vec::new();
            for text in &texts {
                interner.put_alike(&mut out, text);
            }
            let mut unpack = Unpack(&out);
            for text in &texts {
                prop_assert_eq!(&interner.take_alike(&mut unpack), text);
            }
        }
    }
}
