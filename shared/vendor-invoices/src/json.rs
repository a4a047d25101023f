//! Reads a JSON file invoice by invoice; what is kept in memory is one invoice, however long the file is.

mod error;
mod source;

use std::io::Read;
use std::sync::Arc;

pub use error::{ReadError, ReadErrorKind};

use crate::draft::{Draft, Place};
use crate::node::Node;
use source::Source;

/// The field of Amazon's own request that holds the invoices.
const INVOICES: &str = "invoices";

/// Reads a file that holds one invoice, an array of them, or Amazon's own request, an object whose only field is
/// `invoices`. Several such values may follow each other, as in files with one invoice for each line.
///
/// The text is UTF-8, with or without a byte order mark. An invoice may be 8 MiB long and 32 levels deep.
#[derive(Debug)]
pub struct JsonReader<R> {
    source: Source<R>,
    file: Arc<str>,
    state: State,
    index: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value, or at the end.
    Outside,
    /// In a list; `first` before its first element, `enveloped` in the object of Amazon's request.
    List { first: bool, enveloped: bool },
    /// After the end of the list in Amazon's request.
    Envelope,
    /// At the end, or after an error: nothing more comes.
    Done,
}

impl<R: Read> JsonReader<R> {
    /// A reader of `source`; `file` is what places and errors call it.
    pub fn new(source: R, file: &str) -> Self {
        let file: Arc<str> = file.into();
        Self { source: Source::new(source, Arc::clone(&file)), file, state: State::Outside, index: 0 }
    }

    /// The next invoice, `None` at the end. After an error nothing more comes.
    #[expect(
        clippy::should_implement_trait,
        reason = "the end and an error are told apart without an Option of a Result"
    )]
    pub fn next(&mut self) -> Result<Option<Draft>, ReadError> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.state = State::Done;
        }
        next
    }

    fn advance(&mut self) -> Result<Option<Draft>, ReadError> {
        loop {
            let draft = match self.state {
                State::Outside => self.value()?,
                State::List { first, enveloped } => self.element(first, enveloped)?,
                State::Envelope => {
                    self.envelope_end()?;
                    None
                }
                State::Done => return Ok(None),
            };
            if draft.is_some() {
                return Ok(draft);
            }
        }
    }

    /// A value outside of everything: a list, an object, or the end.
    fn value(&mut self) -> Result<Option<Draft>, ReadError> {
        match self.source.skip_space()? {
            None => self.state = State::Done,
            Some(b'[') => {
                self.source.take()?;
                self.state = State::List { first: true, enveloped: false };
            }
            Some(b'{') => return self.object(),
            Some(_) => return Err(self.source.fault("a list of invoices, or an object that is one or has `invoices`")),
        }
        Ok(None)
    }

    /// An object outside of everything: an invoice, recorded to its end, or Amazon's request, as soon as it is seen.
    fn object(&mut self) -> Result<Option<Draft>, ReadError> {
        let line = self.source.line();
        self.source.record();
        self.source.take()?;
        let mut fields = 0_u64;
        loop {
            match self.source.skip_space()? {
                Some(b'}') => {
                    self.source.take()?;
                    return self.draft(line).map(Some);
                }
                Some(b',') if fields > 0 => {
                    self.source.take()?;
                    self.source.skip_space()?;
                }
                _ => {}
            }
            let name = self.field_name()?;
            if name == INVOICES && self.source.skip_space()? == Some(b'[') {
                if fields > 0 {
                    return Err(self.source.fault("no other field beside `invoices`, as in Amazon's own request"));
                }
                self.source.drop_record();
                self.source.take()?;
                self.state = State::List { first: true, enveloped: true };
                return Ok(None);
            }
            if name == INVOICES && fields == 0 {
                return Err(self.source.says("`invoices` must be a list"));
            }
            self.source.skip_value()?;
            fields = fields.saturating_add(1);
        }
    }

    /// The name of a field and its colon.
    fn field_name(&mut self) -> Result<String, ReadError> {
        if self.source.skip_space()? != Some(b'"') {
            return Err(self.source.fault("the name of a field in quotation marks"));
        }
        let name = self.source.skip_string()?;
        if self.source.skip_space()? != Some(b':') {
            return Err(self.source.fault("a colon after the name of a field"));
        }
        self.source.take()?;
        Ok(name)
    }

    /// The next element of a list, `None` at its end.
    fn element(&mut self, first: bool, enveloped: bool) -> Result<Option<Draft>, ReadError> {
        match self.source.skip_space()? {
            Some(b']') => {
                self.source.take()?;
                self.state = if enveloped { State::Envelope } else { State::Outside };
                return Ok(None);
            }
            Some(b',') if !first => {
                self.source.take()?;
                self.source.skip_space()?;
            }
            Some(_) if first => {}
            _ => return Err(self.source.fault("a comma or `]` after an invoice")),
        }
        self.state = State::List { first: false, enveloped };
        let line = self.source.line();
        self.source.record();
        self.source.skip_value()?;
        self.draft(line).map(Some)
    }

    /// The end of Amazon's request.
    fn envelope_end(&mut self) -> Result<(), ReadError> {
        if self.source.skip_space()? != Some(b'}') {
            return Err(self.source.fault("`}` after the list: no other field is beside `invoices`"));
        }
        self.source.take()?;
        self.state = State::Outside;
        Ok(())
    }

    /// What was recorded, as an invoice that began on `line`.
    fn draft(&mut self, line: u64) -> Result<Draft, ReadError> {
        let place = Place { file: Arc::clone(&self.file), index: self.index, line };
        self.index = self.index.saturating_add(1);
        let text = self.source.recorded(line)?;
        match Node::parse(text) {
            Ok(node) => Ok(Draft::new(node, place)),
            Err(error) => Err(ReadError::syntax(&self.file, line, &error)),
        }
    }
}

#[cfg(test)]
mod tests;
