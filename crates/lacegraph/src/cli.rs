//! What can be typed.

use std::path::PathBuf;
use std::str::FromStr;

use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use lacegraph_export::Format;
use lacegraph_fetch::OptionalSources;

/// Who can reach which Lacework / FortiCNAPP account, in what role, and why.
///
/// Reads the members of every account of your organizations through the vendor's API, works out who has access by
/// which way, and writes it as a SQLite database, CSV and GraphViz pictures. It only ever reads.
#[derive(Debug, Parser)]
#[command(name = "lacegraph", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// Tell on stderr what is asked: -v each wait and what is special, -vv each call. RUST_LOG says it in more detail
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 complete, 1 failed (of verify: not consistent), 2 wrong usage or configuration,
3 written but parts are missing, 5 no account could be read, 130 interrupted.
With 1, 2, 5 and 130 an export leaves nothing behind, but the capture that it was told to write.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Export invented organizations: no credentials needed, everything else is real
    Demo {
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Read every configured account and write who has access
    Export {
        #[command(flatten)]
        connection: ConnectionArguments,
        #[command(flatten)]
        source: SourceArguments,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Begin a configuration, with the accounts that the key at hand finds
    ///
    /// The key is that of a profile or of the LW_* variables; without one, a form to fill in is written. No secret is.
    #[command(mut_arg("config", |argument| argument.hide(true)))]
    #[command(mut_arg("console_groups", |argument| argument.hide(true)))]
    Init {
        /// The file to write; one that exists is never overwritten
        #[arg(long, value_name = "FILE", default_value = "lacegraph.toml")]
        out: PathBuf,
        #[command(flatten)]
        connection: ConnectionArguments,
    },
    /// Tell what an export would read, with which key, and what stands in the way
    Check {
        #[command(flatten)]
        connection: ConnectionArguments,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show everything that one person or service user can reach
    Show {
        /// The e-mail, or an identity that begins with local:, service: or unidentified:
        identity: String,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Show everybody who can reach an account
    Who {
        /// NAME, or ORGANIZATION/NAME
        account: String,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Show every way in which somebody has access to an account
    Why {
        /// The e-mail, or an identity that begins with local:, service: or unidentified:
        identity: String,
        /// NAME, or ORGANIZATION/NAME
        account: String,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Check an exported run offline: hashes, and every figure, table and picture derived again
    ///
    /// Says that the run is consistent with its manifest; that it is authentic, only against a hash or a key from outside.
    Verify(VerifyArguments),
    /// Print what every table, view and column means
    Tables {
        /// This table or view alone
        name: Option<String>,
        /// The form
        #[arg(long, value_enum, default_value = "text")]
        format: TablesFormat,
    },
    /// Serve a mock of the API on this machine, for trying things out
    Mock(Box<MockArguments>),
}

impl Command {
    /// What it writes, where it exports.
    pub(crate) fn output(&self) -> Option<&OutputArguments> {
        match self {
            Self::Demo { output } | Self::Export { output, .. } => Some(output),
            _ => None,
        }
    }
}

/// Where the credentials come from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ConnectionArguments {
    /// The configuration with your organizations [default: lacegraph.toml, if it is here]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One organization, by its profile in ~/.lacework.toml
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    pub(crate) profile: Option<String>,
    /// One organization, by the LW_* variables, even if there is a lacegraph.toml
    #[arg(long, conflicts_with_all = ["config", "profile"])]
    pub(crate) env: bool,
    /// What custom groups confer: the console's page of user groups as CSV; may be given several times
    ///
    /// Columns: name, roles; organization and account, unless ORGANIZATION/ACCOUNT=FILE says both.
    #[arg(long, value_name = "FILE")]
    pub(crate) console_groups: Vec<String>,
    /// The access model to ask by; by itself each account is asked which one it has
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) api_model: ApiModel,
    /// Accounts asked at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) concurrency: u8,
    /// How long one try of a call may take: seconds, or 30s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// How long the run may wait in all, for the rate limit or before it tries again
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    pub(crate) max_wait: Duration,
    /// Trust the certificate authorities in this PEM file too, a proxy's for example
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_cert: Vec<PathBuf>,
    /// The proxy to go through [default: the system's; HTTPS_PROXY and NO_PROXY tell]
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ApiModel {
    /// TeamMembers, else TeamUsers
    #[default]
    Auto,
    /// The older one alone
    TeamMembers,
    /// The newer one alone, which has no list of the organization
    TeamUsers,
}

/// What is read instead of, or beside, what the API says now.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SourceArguments {
    /// Ask nobody: make the export of this capture again
    #[arg(long, value_name = "CAPTURE", conflicts_with_all = [
        "config", "profile", "env", "console_groups", "api_model", "concurrency", "timeout", "max_wait", "ca_cert", "proxy",
        "capture", "resume", "with",
    ])]
    pub(crate) from: Option<PathBuf>,
    /// Go on from the capture of a run that was interrupted: what it read to its end is not asked again
    #[arg(long, value_name = "CAPTURE")]
    pub(crate) resume: Option<PathBuf>,
    /// How old that capture may be
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = duration, requires = "resume")]
    pub(crate) resume_max_age: Duration,
}

/// Reads `90`, `90s`, `15m`, `4h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.trim().split_at_checked(text.trim().len().saturating_sub(1)) {
        Some((number, "s")) => (number, 1),
        Some((number, "m")) => (number, 60),
        Some((number, "h")) => (number, 3600),
        _ => (text.trim(), 1),
    };
    let number: u64 =
        number.trim().parse().map_err(|_| "a number of seconds, or a number with s, m or h".to_owned())?;
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(|| "it is too long".to_owned())
}

/// What is written, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct OutputArguments {
    /// Ask for more than members: audit-log or audit-log=DAYS (90 unless said), api-keys
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) with: Vec<WithArgument>,
    /// The directory to write; it appears whole or not at all [default: lacegraph-TIME, in UTC]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace DIR if it is empty or holds an earlier export
    #[arg(long)]
    pub(crate) replace: bool,
    /// What to write
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "sqlite,csv,dot,xlsx")]
    pub(crate) format: Vec<FormatArgument>,
    /// Leave cells of CSV as they are that a spreadsheet would run as a formula
    #[arg(long)]
    pub(crate) csv_raw: bool,
    /// The run before this one: the hash of its manifest goes into the manifest
    #[arg(long, value_name = "RUN")]
    pub(crate) previous: Option<PathBuf>,
    /// Sign the manifest with this SSH key (Ed25519, without a passphrase)
    #[arg(long, value_name = "KEY")]
    pub(crate) sign: Option<PathBuf>,
    /// Take down every answer of the API in DIR.capture, without secrets: the export can be made again from it
    #[arg(long)]
    pub(crate) capture: bool,
    /// Draw this picture too, whatever its size
    #[arg(long, value_name = "VIEW")]
    pub(crate) view: Vec<View>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Tell how long each stage took, after the summary or in its JSON
    #[arg(long)]
    pub(crate) timings: bool,
}

impl OutputArguments {
    /// What accounts are asked for beside their members. Where the days are said twice, the last word counts.
    pub(crate) fn optional_sources(&self) -> OptionalSources {
        let mut sources = OptionalSources::default();
        for source in &self.with {
            match *source {
                WithArgument::AuditLog { days } => sources.audit_log_days = Some(days),
                WithArgument::ApiKeys => sources.api_keys = true,
            }
        }
        sources
    }
}

/// A list beside that of the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithArgument {
    AuditLog { days: u32 },
    ApiKeys,
}

/// How many days of the audit log are asked for unless said otherwise, and at most.
const AUDIT_LOG_DAYS: (u32, u32) = (90, 3650);

impl FromStr for WithArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, days) = text.split_once('=').map_or((text, None), |(name, days)| (name, Some(days)));
        let (usual, most) = AUDIT_LOG_DAYS;
        match (name.trim(), days) {
            ("audit-log", None) => Ok(Self::AuditLog { days: usual }),
            ("audit-log", Some(days)) => match days.trim().parse() {
                Ok(days) if (1..=most).contains(&days) => Ok(Self::AuditLog { days }),
                _ => Err(format!("the days of audit-log are a number from 1 to {most}")),
            },
            ("api-keys", None) => Ok(Self::ApiKeys),
            ("api-keys", Some(_)) => Err("api-keys takes no value".to_owned()),
            _ => Err("known are audit-log, audit-log=DAYS and api-keys".to_owned()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArgument {
    /// lacegraph.db
    Sqlite,
    /// One file a table, access.csv and effective_access.csv
    Csv,
    /// GraphViz pictures
    Dot,
    /// access.xlsx, up to 20,000 grants
    Xlsx,
}

impl From<FormatArgument> for Format {
    fn from(format: FormatArgument) -> Self {
        match format {
            FormatArgument::Sqlite => Self::Sqlite,
            FormatArgument::Csv => Self::Csv,
            FormatArgument::Dot => Self::Dot,
            FormatArgument::Xlsx => Self::Xlsx,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum View {
    /// Every node and edge; drawn by itself up to 200 people
    Full,
}

/// Which run to ask.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunArguments {
    /// The run: its directory or its lacegraph.db [default: the newest one here]
    #[arg(long, value_name = "RUN")]
    pub(crate) db: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is verified.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The directory of an export
    pub(crate) run: PathBuf,
    /// The SHA-256 of manifest.json, from where it was recorded: shows that this is that export
    #[arg(long, value_name = "HEX")]
    pub(crate) manifest_sha256: Option<String>,
    /// The public SSH key that manifest.json.sig must be signed with
    #[arg(long, value_name = "KEY.pub")]
    pub(crate) signed_by: Option<PathBuf>,
    /// The capture of the run: shows that the same answers give the same snapshot
    #[arg(long, value_name = "CAPTURE")]
    pub(crate) capture: Option<PathBuf>,
    /// Print each figure with the SQL that derives it again
    #[arg(long)]
    pub(crate) explain: bool,
    /// Answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TablesFormat {
    /// For reading in a terminal
    Text,
    /// One page of Markdown
    Markdown,
    /// Rows as in the table data_dictionary
    Json,
    /// A metadata file for Datasette
    Datasette,
}

/// What the mock serves.
#[derive(Clone, Debug, Args)]
pub(crate) struct MockArguments {
    /// The port; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Serve the fixture in this directory [default: the demo's organizations]
    #[arg(long, value_name = "DIR", conflicts_with = "users")]
    pub(crate) fixture: Option<PathBuf>,
    /// Serve a generated organization with this many people
    #[arg(long, value_name = "N")]
    pub(crate) users: Option<usize>,
    /// Accounts of the generated organization
    #[arg(long, value_name = "N", default_value_t = 20, requires = "users")]
    pub(crate) accounts: usize,
    /// Memberships of each generated person
    #[arg(long, value_name = "N", default_value_t = 5, requires = "users")]
    pub(crate) memberships: usize,
    /// The same seed gives the same people
    #[arg(long, value_name = "N", default_value_t = 1, requires = "users")]
    pub(crate) seed: u64,
    /// The shape of generated rows
    #[arg(long, value_enum, default_value = "nested", requires = "users")]
    pub(crate) shape: Shape,
    /// Organization admins among a thousand generated people
    #[arg(long, value_name = "N", default_value_t = 5, requires = "users")]
    pub(crate) org_admin_permille: u16,
    /// Organization users among a thousand generated people
    #[arg(long, value_name = "N", default_value_t = 5, requires = "users")]
    pub(crate) org_user_permille: u16,
    /// The access model of the generated organization
    #[arg(long, value_enum, default_value = "team-members", requires = "users")]
    pub(crate) model: Model,
    /// Refuse the organization-wide list, so that every account has to be asked
    #[arg(long, requires = "users")]
    pub(crate) no_org_list: bool,
    /// Rows a page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page_size: Option<u32>,
    /// Hold back every answer this long
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// One row a person, with all accounts
    Nested,
    /// One row a person and account
    Flat,
    /// One row a person, with a list of accounts for each role
    RoleLists,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Model {
    /// The older one
    TeamMembers,
    /// The newer one
    TeamUsers,
}
