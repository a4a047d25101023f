//! Bounds on what a report may be, so that no file can exhaust the memory or the time of a small function.

/// Bounds on a report. A file beyond one of them is refused with an error of kind `limit` that names the bound.
///
/// The defaults leave room for ten times the largest files seen (FORMATS: 54,980 rows, 10.7 MB; a ratio of about 20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest line in bytes, without its line end; in XML the longest single text or tag. The readers'
    /// buffers are as large as this, so it bounds the memory too. Default: 65,536.
    pub max_line_bytes: usize,
    /// The most columns of a header or a row. Default: 256.
    pub max_columns: usize,
    /// The most bytes after decompression. Default: 16 GiB, about 80 million settlement rows.
    pub max_decompressed_bytes: u64,
    /// The most bytes after decompression for each byte before it, held against the whole file so far once
    /// [`Self::RATIO_FREE_BYTES`] are read. Real reports reach 10 to 40; a gzip bomb has about 1,000. Default: 250.
    pub max_ratio: u64,
    /// The most lines of text before the header of a settlement, as in files from Singapore. Default: 50.
    pub max_preamble_lines: usize,
}

impl Limits {
    /// Below this many decompressed bytes the ratio is not looked at: small files may repeat themselves.
    pub const RATIO_FREE_BYTES: u64 = 1 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line_bytes: 64 * 1024,
            max_columns: 256,
            max_decompressed_bytes: 16 << 30,
            max_ratio: 250,
            max_preamble_lines: 50,
        }
    }
}
