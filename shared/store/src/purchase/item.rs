//! Attributes: what Amazon says, as a person reads it.

mod header;
mod json;
mod line;
mod money;
mod personal;

pub(super) use header::{read as read_header, write as write_header};
pub(super) use json::{attributes, text as json_text};
pub(super) use line::{read as read_line, write as write_line};
pub(super) use personal::{restore_line, write_line as write_personal_line, write_transaction as write_personal};
