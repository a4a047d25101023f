//! What was booked in one call, and what is said about it.

mod documents;
mod settlement;

use std::error::Error;
use std::io::{self, Write};

use countinghouse_domain::ids::SettlementId;
use countinghouse_domain::settlement::{ChainLink, Layout, chain_of};

pub(super) use documents::{BookedDocuments, DocumentTotal};
pub(super) use settlement::BookedSettlement;

use super::json::{Output, Settlement};
use super::{FLAGGED, PROVEN, UNREADABLE};

/// What was booked from all files of the call.
#[derive(Debug, Default)]
pub(super) struct Books {
    settlements: Vec<BookedSettlement>,
    documents: Vec<BookedDocuments>,
    unreadable: Vec<String>,
    conflicts: Vec<String>,
    repetitions: Vec<String>,
}

impl Books {
    /// The settlement with this id, if it was booked from an earlier file.
    pub(super) fn settlement(&self, id: &SettlementId) -> Option<&BookedSettlement> {
        self.settlements.iter().find(|booked| booked.header.settlement_id == *id)
    }

    pub(super) fn add_settlement(&mut self, booked: BookedSettlement) {
        self.settlements.push(booked);
    }

    pub(super) fn add_documents(&mut self, booked: BookedDocuments) {
        self.documents.push(booked);
    }

    /// Notes a file that is not booked; the error names it and the place. Shows the whole chain of causes.
    pub(super) fn note_unreadable(&mut self, error: &dyn Error) {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = error.source();
        }
        self.unreadable.push(text);
    }

    /// Notes a settlement that was refused, because other bytes of it are booked.
    pub(super) fn note_conflict(&mut self, report: &str, id: &SettlementId, layout: Layout, earlier: (String, Layout)) {
        let (earlier_report, earlier_layout) = earlier;
        let difference = if layout == earlier_layout {
            "with other bytes".to_owned()
        } else {
            format!("as {}, and this is {}: they say the same thing twice", earlier_layout.name(), layout.name())
        };
        self.conflicts.push(format!("{report}: refused, settlement {id} is booked from {earlier_report} {difference}"));
    }

    /// Notes a settlement that came again with the same bytes.
    pub(super) fn note_repetition(&mut self, report: &str, id: &SettlementId, earlier: &str) {
        self.repetitions.push(format!("{report}: settlement {id} again, the same bytes as {earlier}; booked once"));
    }

    /// Finds each settlement's place in its chain, among those of this call and others that are booked.
    pub(super) fn chain(&mut self, others: &[ChainLink]) {
        let own = self.settlements.iter().map(|booked| booked.link.clone());
        let links: Vec<ChainLink> = own.chain(others.iter().cloned()).collect();
        for booked in &mut self.settlements {
            booked.chain = chain_of(&booked.link, &links);
        }
    }

    /// Finds each settlement's place in its chain and prints the settlements.
    pub(super) fn close<W: Write>(&mut self, output: &mut Output<W>) -> io::Result<()> {
        self.chain(&[]);
        for booked in &self.settlements {
            output.write(&Settlement::new(booked))?;
        }
        Ok(())
    }

    pub(super) fn settlements(&self) -> &[BookedSettlement] {
        &self.settlements
    }

    pub(super) fn documents(&self) -> &[BookedDocuments] {
        &self.documents
    }

    pub(super) fn unreadable(&self) -> &[String] {
        &self.unreadable
    }

    /// What somebody must look at before the books can be relied on.
    pub(super) fn attention(&self) -> Vec<String> {
        let settlements = self.settlements.iter().flat_map(|booked| booked.attention(self));
        let documents = self.documents.iter().flat_map(BookedDocuments::attention);
        self.conflicts.iter().cloned().chain(settlements).chain(documents).collect()
    }

    /// What is strange or worth knowing, and changes nothing.
    pub(super) fn notes(&self) -> Vec<String> {
        let settlements = self.settlements.iter().flat_map(BookedSettlement::notes);
        let documents = self.documents.iter().flat_map(BookedDocuments::notes);
        self.repetitions.iter().cloned().chain(settlements).chain(documents).collect()
    }

    pub(super) fn exit_code(&self) -> u8 {
        if !self.unreadable.is_empty() {
            UNREADABLE
        } else if self.attention().is_empty() {
            PROVEN
        } else {
            FLAGGED
        }
    }
}

/// What a source has that is strange, each as a line of text.
fn strange(report: &str, source: &countinghouse_formats::Source) -> Vec<String> {
    let warnings = source.warnings.iter().map(|warning| format!("{report}: {warning}"));
    let unknown = (!source.unknown_columns.is_empty())
        .then(|| format!("{report}: columns that are not known and not booked: {}", source.unknown_columns.join(", ")));
    warnings.chain(unknown).collect()
}
