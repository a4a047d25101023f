//! What the template may see: itself, the fonts, the data of one document, its XML and the logo. Nothing else: no
//! folder, no network, no clock.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::error::RenderError;
use crate::fonts::Fonts;

const TEMPLATE: &str = include_str!("../templates/invoice.typ");

/// What is the same for all documents: made once.
pub(crate) struct Studio {
    library: LazyHash<Library>,
    pub(crate) fonts: Fonts,
    template: Source,
    data: FileId,
    xml: FileId,
    logos: [(FileId, &'static str); 3],
}

/// One document, as the template sees it.
pub(crate) struct Desk<'a> {
    pub(crate) studio: &'a Studio,
    pub(crate) data: Bytes,
    pub(crate) xml: Bytes,
    /// The logo, with the end of its file's name.
    pub(crate) logo: Option<(&'static str, Bytes)>,
}

impl Studio {
    pub(crate) fn new() -> Result<Self, RenderError> {
        let id = |path: &str| match VirtualPath::new(path) {
            Ok(path) => Ok(RootedPath::new(VirtualRoot::Project, path).intern()),
            Err(_unusual) => Err(RenderError::Template(format!("{path} is no path"))),
        };
        Ok(Self {
            library: LazyHash::new(Library::default()),
            fonts: Fonts::load(),
            template: Source::new(id("invoice.typ")?, TEMPLATE.to_owned()),
            data: id("data.json")?,
            xml: id("factur-x.xml")?,
            logos: [(id("logo.svg")?, "svg"), (id("logo.png")?, "png"), (id("logo.jpg")?, "jpg")],
        })
    }
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.studio.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.studio.fonts.book
    }

    fn main(&self) -> FileId {
        self.studio.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.studio.template.id() { Ok(self.studio.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.studio.data {
            return Ok(self.data.clone());
        }
        if id == self.studio.xml {
            return Ok(self.xml.clone());
        }
        let kind = self.studio.logos.iter().find(|(logo, _)| *logo == id).map(|(_, kind)| *kind);
        match &self.logo {
            Some((given, bytes)) if Some(*given) == kind => Ok(bytes.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.studio.fonts.list.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
