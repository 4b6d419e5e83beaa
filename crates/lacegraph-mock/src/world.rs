use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::embedded;
use crate::error::MockError;
use crate::fixture;
use crate::generator::{Generated, GeneratorOptions};
use crate::listing::PagingForm;
use crate::organization::Organization;

/// What a server serves: one or several organizations, each with its keys and its answers.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) clock: Option<Timestamp>,
    pub(crate) page_size: Option<usize>,
    pub(crate) paging: PagingForm,
    pub(crate) organizations: Vec<Organization>,
}

impl World {
    /// Reads a fixture directory: `world.json` and a directory for each organization it names.
    ///
    /// # Errors
    ///
    /// A file that is missing or unreadable, is not JSON, or says what cannot be served.
    pub fn from_fixture_dir(path: impl AsRef<Path>) -> Result<Self, MockError> {
        fixture::world(&fixture::read_directory(path.as_ref())?)
    }

    /// The demo fixture, which is part of the program.
    ///
    /// # Errors
    ///
    /// As for [`World::from_fixture_dir`]; a test keeps them from happening.
    pub fn embedded_demo() -> Result<Self, MockError> {
        fixture::world(&embedded::files())
    }

    /// An invented organization of any size; the same options always give the same answers.
    #[must_use]
    pub fn generated(options: &GeneratorOptions) -> Self {
        let generated = Arc::new(Generated::new(options));
        Self {
            clock: Some(generated.clock()),
            page_size: options.page_size,
            paging: PagingForm::Url,
            organizations: vec![Generated::organization(&generated)],
        }
    }

    /// The time at which the data was "observed", so that a demo can run at the same time every day.
    #[must_use]
    pub fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// The names of the organizations, in their order.
    #[must_use]
    pub fn organization_names(&self) -> Vec<&str> {
        self.organizations.iter().map(|organization| organization.name.as_str()).collect()
    }

    /// The same world in pages of another size; `None` serves each list in one body.
    #[must_use]
    pub fn with_page_size(self, page_size: Option<usize>) -> Self {
        Self { page_size, ..self }
    }

    /// The same world with another way to name the next page.
    #[must_use]
    pub fn with_paging(self, paging: PagingForm) -> Self {
        Self { paging, ..self }
    }
}
