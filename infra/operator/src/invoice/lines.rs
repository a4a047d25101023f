//! One JSON object for each document, in lines.

use std::io::{self, Write};

use super::made::Made;

pub(super) fn write(output: &mut impl Write, made: &Made) -> io::Result<()> {
    serde_json::to_writer(&mut *output, &made.json())?;
    output.write_all(b"\n")
}
