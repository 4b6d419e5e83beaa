use crate::fixture::Files;

/// The files of the demo fixture, one a line, so that the program needs no directory beside it.
///
/// A test compares this list with the directory.
macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../fixtures/demo/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = embed![
    "acme/OrganizationInfo.json",
    "acme/UserProfile.json",
    "acme/accounts/ACME-DEV/TeamMembers.json",
    "acme/accounts/ACME-PROD/TeamMembers.json",
    "acme/accounts/ACME-SANDBOX/TeamMembers.json",
    "acme/accounts/ACME-STAGING/TeamMembers.json",
    "acme/accounts/SHARED-SERVICES/TeamMembers.json",
    "acme/org/TeamMembers.json",
    "acme/organization.json",
    "globex/OrganizationInfo.json",
    "globex/UserProfile.json",
    "globex/accounts/GLOBEX-EMEA/TeamUsers.json",
    "globex/accounts/GLOBEX-HQ/TeamMembers.json",
    "globex/accounts/SHARED-SERVICES/TeamUsers.json",
    "globex/organization.json",
    "world.json",
];

pub(crate) fn files() -> Files {
    FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::fixture::read_directory;

    #[test]
    fn every_file_of_the_demo_is_embedded() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        let on_disk = read_directory(&directory).unwrap();
        let listed: Vec<&str> = super::FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(listed, on_disk.keys().collect::<Vec<_>>());
        assert_eq!(super::files(), on_disk);
    }
}
