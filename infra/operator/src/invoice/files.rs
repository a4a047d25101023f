//! The files of a document: named by its number, never over another content.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use countinghouse_vat_invoices::number::InvoiceNumber;

/// Where documents are written.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

/// The two files of a document.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) pdf: PathBuf,
    pub(super) xml: PathBuf,
    /// Both were there already, with this content.
    pub(super) unchanged: bool,
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// There is another document under this name.
    #[error("{0} is there already with another content, and nothing is overwritten")]
    OtherContent(String),
    /// The disk.
    #[error("{file} cannot be written: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// Why.
        source: io::Error,
    },
}

fn io(file: &Path) -> impl FnOnce(io::Error) -> FileError {
    let file = file.display().to_string();
    move |source| FileError::Io { file, source }
}

impl Folder {
    /// Makes the folder where it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        fs::create_dir_all(path).map_err(io(path))?;
        Ok(Self(path.to_owned()))
    }

    /// Writes both files, or none where one of them is there with another content.
    pub(super) fn write(&self, number: &InvoiceNumber, pdf: &[u8], xml: &[u8]) -> Result<Written, FileError> {
        let stem = number.file_stem();
        let file = |end: &str| self.0.join(format!("{stem}.{end}"));
        let files = [(file("pdf"), pdf), (file("xml"), xml)];
        let mut unchanged = true;
        for (path, content) in &files {
            match holds(path, content).map_err(io(path))? {
                Some(true) => {}
                Some(false) => return Err(FileError::OtherContent(path.display().to_string())),
                None => unchanged = false,
            }
        }
        for (path, content) in &files {
            create(path, content)?;
        }
        let [(pdf, _), (xml, _)] = files;
        Ok(Written { pdf, xml, unchanged })
    }
}

/// Whether a file has this content; none where there is no file. A large file of another length is not read.
fn holds(path: &Path, content: &[u8]) -> io::Result<Option<bool>> {
    let facts = match fs::symlink_metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
    Ok(Some(facts.is_file() && facts.len() == length && fs::read(path)? == content))
}

/// Writes a file as a whole: under another name first, so that no half a document is left behind by a crash, then under
/// its own, which must be free.
fn create(path: &Path, content: &[u8]) -> Result<(), FileError> {
    if holds(path, content).map_err(io(path))? == Some(true) {
        return Ok(());
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = fs::File::create(&part).and_then(|mut file| file.write_all(content));
    let linked = written.and_then(|()| match fs::hard_link(&part, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links.
        Err(_no_links) if !path.exists() => fs::copy(&part, path).map(|_bytes| ()),
        Err(error) => Err(error),
    });
    let _left_behind = fs::remove_file(&part);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(FileError::OtherContent(path.display().to_string()))
        }
        other => other.map_err(io(path)),
    }
}
