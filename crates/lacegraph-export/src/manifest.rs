//! `manifest.json`: what a run consists of, where it comes from, who made it, and figures that can be derived again.
//! `SHA256SUMS` says of the files what `sha256sum -c` understands.

use std::fmt::Write as _;
use std::path::Path;

use lacegraph_model::{Graph, UtcTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::csv::NeutralisedCells;
use crate::error::ExportError;
use crate::figures::FIGURES;
use crate::run::{Written, WrittenFile};

/// The name of the manifest in a run.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The name of the list of hashes in a run.
pub const SUMS_FILE: &str = "SHA256SUMS";
/// The name of the manifest's signature in a run, as `ssh-keygen -Y sign` names it.
pub const SIGNATURE_FILE: &str = "manifest.json.sig";
/// The form of the manifest.
pub const MANIFEST_VERSION: u32 = 2;
/// What every manifest of ours begins with.
pub const TOOL: &str = "lacegraph";

/// What the exporter is told about a run, because no snapshot knows it: it stands in the manifest alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of the program that wrote the files.
    pub tool_version: String,
    /// The commit that the program was built from; `unknown` outside a checkout.
    pub tool_commit: String,
    /// When the files were written, RFC 3339.
    pub written_at_utc: String,
    /// The user of the machine who ran it.
    pub operator: Option<String>,
    /// The machine.
    pub machine: Option<String>,
    /// The command line, secrets masked.
    pub command_line: Vec<String>,
    /// Where the configuration came from.
    pub configured_in: String,
    /// The keys that asked.
    pub keys: Vec<KeyUse>,
    /// How far the servers' clocks were from this machine's.
    pub server_clocks: Vec<ServerClock>,
    /// The file in which every answer of the API was taken down, or that the run was made again from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureUse>,
    /// The SHA-256 of the manifest of an earlier run that this one follows.
    pub previous_manifest_sha256: Option<String>,
}

/// A capture, and what it is to the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureUse {
    /// The name of the file.
    pub file: String,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Whether the run was made again from it; else the run wrote it.
    pub is_source: bool,
}

/// A key, and whose it is. No secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// The organization it asked for.
    pub organization: String,
    /// The account, where it is that account's own.
    pub account: Option<String>,
    /// The host it was used with.
    pub host: String,
    /// The key's id by its ends.
    pub key_id: String,
    /// The user whose key it is, where the API told.
    pub owner: Option<String>,
    /// What that user is in the organization, in words.
    pub owner_role: String,
}

/// A server's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerClock {
    /// The organization whose API it is.
    pub organization: String,
    /// How many seconds it was ahead of this machine's; negative where behind. Good to a second.
    pub ahead_seconds: i64,
}

/// The whole manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `lacegraph`.
    pub tool: String,
    /// The form of this file.
    pub manifest_version: u32,
    /// What follows from snapshot and settings.
    #[serde(flatten)]
    pub content: Content,
    /// What does not.
    pub run: Provenance,
    /// Formats that were asked for and not written, with the reason.
    pub left_out: Vec<String>,
    /// `neutralised`, or `raw` with `--csv-raw`.
    pub csv_cells: String,
    /// Texts in CSV files that got a leading apostrophe.
    pub neutralised_cells: NeutralisedCells,
    /// Every file of the run, but this one, the list of hashes and a signature.
    pub files: Vec<WrittenFile>,
}

/// The part of a manifest that anybody can derive again from the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The version that took the snapshot.
    pub captured_by_version: String,
    /// Capture time and hash.
    pub snapshot_id: String,
    /// `complete` or `partial`.
    pub status: String,
    /// The same in words, with what a reader must not overlook.
    pub status_line: String,
    /// `live`, `capture` or `demo`.
    pub data_source: String,
    /// The hosts that were asked.
    pub source_hosts: Vec<String>,
    /// When the run began, RFC 3339.
    pub captured_at_utc: String,
    /// When the last answer had arrived, RFC 3339.
    pub completed_at_utc: String,
    /// The settings that the derived tables depend on.
    pub settings: Vec<Setting>,
    /// The SHA-256 over the settings, each as a line `name=value`.
    pub settings_sha256: String,
    /// The organizations.
    pub organizations: Vec<OrganizationEntry>,
    /// The accounts, read or not.
    pub accounts: Vec<AccountEntry>,
    /// The figures.
    pub figures: Vec<FigureEntry>,
    /// The calls, by their final outcome.
    pub calls: Vec<CallEntry>,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// An organization, and what told which accounts it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationEntry {
    /// Its name.
    pub name: String,
    /// The host that was asked.
    pub host: String,
    /// `directory`, `configuration` or `both`.
    pub accounts_expected_from: String,
}

/// An account. Memberships, merged duplicates, contradicting and left out records make the records received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// Organization and name in lower case.
    pub account_id: String,
    /// How far it was read.
    pub fetch_status: String,
    /// Why no further.
    pub fetch_detail: Option<String>,
    /// The access model that answered.
    pub api_model: Option<String>,
    /// Rows of its own list.
    pub rows_returned: u64,
    /// Records about it, of its own list and the organization's.
    pub records_received: u64,
    /// Memberships recorded.
    pub memberships: u64,
    /// Records that said nothing new.
    pub duplicates_merged: u64,
    /// Records that contradicted another, each reported as a problem.
    pub contradicting: u64,
    /// Records left out because the account is excluded.
    pub left_out: u64,
}

/// A figure, and how to derive it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureEntry {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: u64,
    /// The SQL that gives it.
    pub sql: String,
}

/// A call, by its final outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEntry {
    /// The organization whose key was used.
    pub organization: String,
    /// The account asked for.
    pub account_id: Option<String>,
    /// What was asked.
    pub endpoint: String,
    /// The page, from 1.
    pub page: u32,
    /// The HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// How often it was tried.
    pub attempts: u32,
    /// Rows in the answer.
    pub rows: u64,
    /// The SHA-256 of the body.
    pub body_sha256: Option<String>,
}

impl Content {
    /// What a manifest says of this graph.
    pub fn of(graph: &Graph) -> Self {
        let snapshot = graph.snapshot();
        let header = snapshot.header();
        let text = |time: UtcTime| time.to_rfc3339();
        let settings = settings(graph);
        Self {
            captured_by_version: header.tool_version.clone(),
            snapshot_id: snapshot.id().to_owned(),
            status: snapshot.status().to_owned(),
            status_line: crate::evidence::status_line(graph),
            data_source: header.data_source.as_str().to_owned(),
            source_hosts: snapshot.hosts().into_iter().map(str::to_owned).collect(),
            captured_at_utc: text(header.captured_at),
            completed_at_utc: text(header.completed_at),
            settings_sha256: settings_sha256(&settings),
            settings,
            organizations: snapshot
                .organizations()
                .iter()
                .map(|organization| OrganizationEntry {
                    name: snapshot.text(organization.name).to_owned(),
                    host: snapshot.text(organization.host).to_owned(),
                    accounts_expected_from: organization.expected_from.as_str().to_owned(),
                })
                .collect(),
            accounts: accounts(graph),
            figures: figures(graph),
            calls: calls(graph),
        }
    }

    /// The value of a figure.
    pub fn figure(&self, name: &str) -> Option<u64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }
}

fn settings(graph: &Graph) -> Vec<Setting> {
    let mut settings = Vec::new();
    let rows = crate::tables::settings(graph);
    settings.extend(rows.into_iter().map(|(name, value)| Setting { name: name.to_owned(), value }));
    settings
}

fn settings_sha256(settings: &[Setting]) -> String {
    let lines: String = settings.iter().map(|Setting { name, value }| format!("{name}={value}\n")).collect();
    sha256(lines.as_bytes())
}

fn accounts(graph: &Graph) -> Vec<AccountEntry> {
    let snapshot = graph.snapshot();
    let owned = |text: &str| text.to_owned();
    let accounts = snapshot.accounts().iter().zip(graph.account_tallies());
    accounts
        .map(|(account, tally)| AccountEntry {
            account_id: owned(snapshot.text(account.account_id)),
            fetch_status: owned(account.fetch_status.as_str()),
            fetch_detail: snapshot.text_opt(account.fetch_detail).map(owned),
            api_model: account.api_model.map(|model| owned(model.as_str())),
            rows_returned: account.rows_returned,
            records_received: account.statements_received,
            memberships: tally.memberships,
            duplicates_merged: account.duplicates_merged,
            contradicting: tally.conflicts,
            left_out: tally.left_out,
        })
        .collect()
}

fn figures(graph: &Graph) -> Vec<FigureEntry> {
    let totals = graph.totals();
    let entry = |figure: &crate::Figure| FigureEntry {
        name: figure.name.to_owned(),
        value: figure.of(&totals),
        sql: figure.sql.to_owned(),
    };
    FIGURES.iter().map(entry).collect()
}

fn calls(graph: &Graph) -> Vec<CallEntry> {
    let snapshot = graph.snapshot();
    let account = |id| snapshot.text(snapshot.account(id).account_id).to_owned();
    let entry = |call: &lacegraph_model::SourceCall| CallEntry {
        organization: snapshot.organization_name(call.organization).to_owned(),
        account_id: call.account.map(account),
        endpoint: snapshot.text(call.endpoint).to_owned(),
        page: call.page,
        status: call.status,
        attempts: call.attempts,
        rows: call.rows,
        body_sha256: call.body_sha256.map(|digest| crate::hex(&digest)),
    };
    snapshot.source_calls().iter().map(entry).collect()
}

impl Manifest {
    /// The manifest of a run whose other files are `written`.
    pub(crate) fn new(graph: &Graph, written: &Written, run: Provenance) -> Self {
        Self {
            tool: TOOL.to_owned(),
            manifest_version: MANIFEST_VERSION,
            content: Content::of(graph),
            run,
            left_out: written.left_out.clone(),
            csv_cells: written.cells.as_str().to_owned(),
            neutralised_cells: written.neutralised.clone(),
            files: written.files.clone(),
        }
    }

    /// Writes `manifest.json` and `SHA256SUMS` into the run; gives the SHA-256 of the manifest.
    pub(crate) fn write(&self, directory: &Path) -> Result<String, ExportError> {
        let path = directory.join(MANIFEST_FILE);
        let text = self.to_text().map_err(ExportError::io("write", &path))?;
        create(&path, text.as_bytes())?;
        let sha256 = sha256(text.as_bytes());
        create(&directory.join(SUMS_FILE), self.sums(&sha256).as_bytes())?;
        Ok(sha256)
    }

    /// What `manifest.json` says.
    pub(crate) fn to_text(&self) -> std::io::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// What `SHA256SUMS` says: every file and the manifest, as `sha256sum` writes it.
    pub(crate) fn sums(&self, own_sha256: &str) -> String {
        let mut lines = String::new();
        for WrittenFile { path, sha256, .. } in &self.files {
            // A String takes whatever is written to it.
            let _ = writeln!(lines, "{sha256}  {path}");
        }
        let _ = writeln!(lines, "{own_sha256}  {MANIFEST_FILE}");
        lines
    }
}

/// The SHA-256 of the capture that the manifest of a run names; `None` where it names none, or is not to be read.
pub fn capture_sha256(directory: &Path) -> Option<String> {
    let manifest = std::fs::read(directory.join(MANIFEST_FILE)).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    Some(manifest.pointer("/run/capture/sha256")?.as_str()?.to_owned())
}

/// Whether these bytes are a manifest of ours, of whatever form.
pub fn is_ours(manifest: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Named {
        tool: String,
    }
    serde_json::from_slice::<Named>(manifest).is_ok_and(|named| named.tool == TOOL)
}

/// Writes a whole file that must not be there yet.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), ExportError> {
    let file = std::fs::File::options().write(true).create_new(true).open(path);
    let mut file = file.map_err(ExportError::io("create", path))?;
    std::io::Write::write_all(&mut file, content).map_err(ExportError::io("write", path))
}

/// The SHA-256 of `bytes` in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    crate::hex(&Sha256::digest(bytes))
}
