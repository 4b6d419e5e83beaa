//! Whether others can read a file that holds a secret.

use std::path::Path;

/// A word about a file with a secret that others than its owner can read, with the command that changes it.
pub(super) fn note(what: &str, path: &Path) -> Option<String> {
    let shown = path.display().to_string();
    is_open_to_others(path)
        .then(|| format!("others than you can read {what} {shown}, which holds a secret: chmod 600 {}", quoted(&shown)))
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    // What systemd hands to a service is closed by an access list, which shows as rights of the group (systemd.exec).
    if path.starts_with("/run/credentials") {
        return false;
    }
    // A pipe or a device is nobody's file to close.
    fs_err::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_path: &Path) -> bool {
    false
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./+,@%:=".contains(letter);
    if path.chars().all(is_plain) && !path.starts_with('-') {
        path.to_owned()
    } else {
        format!("-- '{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_a_file_that_others_can_read_is_worth_a_word() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("my key.json");
        fs_err::write(&path, "x").unwrap();
        let with_mode = |mode| {
            fs_err::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            note("the key file", &path)
        };
        assert_eq!((with_mode(0o600), with_mode(0o400), with_mode(0o620)), (None, None, None));
        assert!(with_mode(0o640).is_some());
        let shown = path.display();
        let said =
            format!("others than you can read the key file {shown}, which holds a secret: chmod 600 -- '{shown}'");
        assert_eq!(with_mode(0o604), Some(said));
        assert_eq!(note("the file", Path::new("/dev/null")), None);
    }

    #[test]
    fn paths_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("/home/me/.lacework.toml"), "/home/me/.lacework.toml");
        assert_eq!(quoted("it's"), r"-- 'it'\''s'");
        assert_eq!(quoted("-rf"), "-- '-rf'");
    }
}
