//! The reports that are measured with: made up, the same at every run.

pub(crate) mod settlement;
pub(crate) mod vat;
pub(crate) mod vendor;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::Outcome;

/// Changes whenever the generated text does, so that an old file is not taken for a new one.
const EDITION: u32 = 1;

/// The gzip file of this name, made if it is not there. A file appears only when it is whole.
fn kept(cache: &Path, name: &str, make: impl FnOnce(&mut dyn Write) -> Outcome) -> Outcome<PathBuf> {
    let path = cache.join(format!("{name}-{EDITION}.gz"));
    if path.exists() {
        return Ok(path);
    }
    eprintln!("  making {}", path.display());
    let unfinished = path.with_extension("unfinished");
    let mut encoder = GzEncoder::new(BufWriter::new(File::create(&unfinished)?), Compression::new(6));
    make(&mut encoder)?;
    encoder.finish()?.into_inner()?.sync_all()?;
    fs::rename(unfinished, &path)?;
    Ok(path)
}

/// Random numbers that are the same at every run (`SplitMix64`).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// One of several texts.
    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let count = u64::try_from(texts.len()).unwrap_or(1).max(1);
        usize::try_from(self.below(count)).ok().and_then(|place| texts.get(place)).copied().unwrap_or_default()
    }

    /// True in so many of a hundred cases.
    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}
