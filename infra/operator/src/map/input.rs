//! The files that are read, and how far.

use std::fs::File;
use std::io::{self, IsTerminal, Read};

use indicatif::{ProgressBar, ProgressStyle};

/// Smaller files are read before a person could look at a progress bar.
const WORTH_A_BAR_BYTES: u64 = 4 << 20;

/// A file, or standard input.
pub(crate) struct Input {
    /// The name that errors and tables use.
    pub(crate) name: String,
    source: Box<dyn Read>,
    bar: ProgressBar,
}

/// Opens a file; `-` is standard input. `number` of `count` is for the progress bar.
pub(crate) fn open(file: &str, number: usize, count: usize) -> Result<Input, InputError> {
    let fault = |source| InputError { file: file.to_owned(), source };
    let (name, source, length): (_, Box<dyn Read>, _) = if file == "-" {
        ("standard input".to_owned(), Box::new(io::stdin().lock()), None)
    } else {
        let opened = File::open(file).map_err(fault)?;
        let facts = opened.metadata().map_err(fault)?;
        if facts.is_dir() {
            return Err(fault(io::ErrorKind::IsADirectory.into()));
        }
        (file.to_owned(), Box::new(opened), facts.is_file().then_some(facts.len()))
    };
    let bar = bar(length, &format!("{name} ({number} of {count})"));
    Ok(Input { name, source, bar })
}

/// A file that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{file} cannot be opened")]
pub(crate) struct InputError {
    file: String,
    source: io::Error,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.bar.inc(u64::try_from(read).unwrap_or_default());
        Ok(read)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A bar on standard error, if a person can see it there and the JSON lines do not run through it.
fn bar(length: Option<u64>, message: &str) -> ProgressBar {
    let seen = io::stderr().is_terminal() && !io::stdout().is_terminal();
    if !seen || length.is_some_and(|length| length < WORTH_A_BAR_BYTES) {
        return ProgressBar::hidden();
    }
    let (bar, style) = match length {
        Some(length) => (ProgressBar::new(length), "{msg}  {bar:40} {percent} %, {eta} left"),
        None => (ProgressBar::new_spinner(), "{msg}  {spinner} {binary_bytes}"),
    };
    let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(message.to_owned())
}
