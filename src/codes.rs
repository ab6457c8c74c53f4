//! The codes of findings: one table.

use crate::text::Color;

/// How serious a finding is, the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is sent, or the publish was not confirmed.
    Error,
    /// Counts as an error with `strict`.
    Warning,
    /// For information.
    Notice,
}

/// How one severity is shown.
pub(crate) struct SeverityRow {
    /// Also the name of GitHub's workflow command.
    pub(crate) word: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) color: Color,
    /// The severity in a Code Quality report (GitLab documentation, "Code Quality report format").
    pub(crate) gitlab: &'static str,
    /// The level of a SARIF result (SARIF 2.1.0, §3.27.10).
    pub(crate) sarif: &'static str,
}

impl Severity {
    /// Every severity, the most serious first.
    pub(crate) const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    pub(crate) const fn row(self) -> SeverityRow {
        let (word, icon, color, gitlab, sarif) = match self {
            Self::Error => ("error", "❌", Color::Red, "critical", "error"),
            Self::Warning => ("warning", "⚠️", Color::Yellow, "minor", "warning"),
            Self::Notice => ("notice", "ℹ️", Color::Blue, "info", "note"),
        };
        SeverityRow { word, icon, color, gitlab, sarif }
    }
}

/// Who can fix an error of a code, each with the exit code of a run that has errors of this owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The function's author.
    Author = 1,
    /// The owner of the pipeline.
    Pipeline = 2,
    /// Aerostack, who runs the Hub.
    Hub = 3,
    /// No one: a later run can succeed.
    Nobody = 4,
}

/// One exit code.
pub struct ExitCode {
    /// The code itself.
    pub code: u8,
    /// What to do.
    pub action: &'static str,
    /// In which cases a run ends with it.
    pub when: &'static str,
}

/// The exit codes, by number.
pub const EXIT_CODES: [ExitCode; 5] = [
    exit_code(
        0,
        "no action needed",
        "published, saved as a draft, in review, unchanged, or a dry run without errors",
    ),
    exit_code(
        1,
        "fix the function",
        "an error in the function or its version, found by this tool or reported by the Hub",
    ),
    exit_code(
        2,
        "fix the pipeline's configuration",
        "an invalid input, a missing key, a certificate or proxy that prevents the connection, or the Hub denies access (401, 403, 404, 405 or a redirect)",
    ),
    exit_code(
        3,
        "the Hub rejected it; contact Aerostack support",
        "the Hub rejected the request for a reason that this tool does not know",
    ),
    exit_code(
        4,
        "re-run the job",
        "the Hub could not be reached or did not confirm the publish (`unconfirmed`)",
    ),
];

const fn exit_code(code: u8, action: &'static str, when: &'static str) -> ExitCode {
    ExitCode { code, action, when }
}

impl Owner {
    /// Every owner; of several errors, the first one here decides the exit code.
    pub(crate) const BY_PRECEDENCE: [Self; 4] = [Self::Pipeline, Self::Author, Self::Hub, Self::Nobody];
}

/// The page that documents every code.
const DOCUMENTATION: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/findings.md");

/// The one table of finding codes: name, severity, who must act on an error, and the fix. Names are promises to users.
macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $owner:ident $fix:literal;)*) => {
        /// What a finding is about. Each code has a heading in `docs/findings.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $fix] $variant),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as users see it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Its usual severity.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),* }
            }

            /// Who must act if it is an error.
            pub(crate) const fn owner(self) -> Owner {
                match self { $(Self::$variant => Owner::$owner),* }
            }

            /// The URL of its documentation.
            pub fn url(self) -> String {
                format!("{DOCUMENTATION}#{}", self.name().to_lowercase())
            }

            /// The exit code of a run with an error of this code alone.
            pub const fn exit_code(self) -> u8 {
                self.owner() as u8
            }

            /// How to fix it, unless the finding has a more specific hint.
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$variant => $fix),* }
            }
        }
    };
}

codes! {
    // Codes of the Hub (Aerostack documentation, "Publishing to the Hub", list of errors).
    InvalidCategory "INVALID_CATEGORY" Error Author "use one of the Hub's categories, in lower case";
    MissingEntrypoint "MISSING_ENTRYPOINT" Error Author "set `entrypoint` to the path of the main source file, relative to the function's directory";
    EmptyCode "EMPTY_CODE" Error Author "add at least one exported function to the entrypoint";
    DuplicateSlug "DUPLICATE_SLUG" Error Author "rename the function: another account owns this slug";
    Unauthorized "UNAUTHORIZED" Error Pipeline "create a new account key at <https://app.aerostack.dev/account/keys> and store it as the secret";
    VersionConflict "VERSION_CONFLICT" Error Author "raise `version` in aerostack.json";
    // The manifest.
    ManifestMissing "MANIFEST_MISSING" Error Author "add an `aerostack.json`, or set `directory` to the function's directory";
    ManifestInvalidJson "MANIFEST_INVALID_JSON" Error Author "write valid JSON, without comments or trailing commas";
    OtherManifest "OTHER_MANIFEST" Error Author "deploy it with the tool that it is for, and leave its directory out of `directory`";
    DuplicateKey "DUPLICATE_KEY" Error Author "remove one of the two";
    MissingField "MISSING_FIELD" Error Author "add the field";
    ReservedField "RESERVED_FIELD" Error Author "remove the field";
    InvalidType "INVALID_TYPE" Error Author "use a value of the type that the field requires";
    InvalidVersion "INVALID_VERSION" Error Author "use three numbers, such as `1.0.0`, without a leading `v`";
    InvalidLanguage "INVALID_LANGUAGE" Error Author "use `typescript` or `javascript`";
    InvalidRuntime "INVALID_RUNTIME" Error Author "use `cloudflare-worker`";
    InvalidLicense "INVALID_LICENSE" Error Author "use an SPDX license expression, such as `MIT` or `Apache-2.0`";
    InvalidDescription "INVALID_DESCRIPTION" Error Author "describe in a few words what the function does";
    InvalidTag "INVALID_TAG" Error Author "remove the empty tag";
    TooManyTags "TOO_MANY_TAGS" Error Author "use at most 10 tags";
    InvalidRoutePath "INVALID_ROUTE_PATH" Error Author "use a path that starts with `/`, without whitespace, query or fragment";
    InvalidRouteExport "INVALID_ROUTE_EXPORT" Error Author "use the name of an export in the code; it must be a JavaScript identifier";
    InvalidEnvVar "INVALID_ENV_VAR" Error Author "use letters, digits and `_`, and start with a letter or `_`";
    InvalidNpmDependency "INVALID_NPM_DEPENDENCY" Error Author "use the package's name, optionally followed by `@` and a version range";
    // The files.
    EntrypointOutsideDirectory "ENTRYPOINT_OUTSIDE_DIRECTORY" Error Author "use a relative path to a file inside the function's directory";
    FileOutsideDirectory "FILE_OUTSIDE_DIRECTORY" Error Author "replace the link with the file itself";
    WithheldFile "WITHHELD_FILE" Error Author "remove the reference to it; if it was ever public, revoke the secrets in it";
    CheckedOutLink "CHECKED_OUT_LINK" Error Author "replace it with the file itself, or check out links as links (`git config core.symlinks true`)";
    NotUtf8 "NOT_UTF8" Error Author "save the file as UTF-8";
    FileTooLarge "FILE_TOO_LARGE" Error Author "keep the total size of all files that are sent under 10 MiB";
    MissingFile "MISSING_FILE" Error Author "add the file, or correct the path that refers to it";
    SecretFound "SECRET_FOUND" Error Author "remove it, revoke it (it may already have been public), and read it from an environment variable instead";
    // The code.
    SyntaxError "SYNTAX_ERROR" Error Author "fix the syntax error: the module cannot be loaded";
    ImportOutsideDirectory "IMPORT_OUTSIDE_DIRECTORY" Error Author "move the file into the function's directory, or publish it as a package";
    ExportNotFound "EXPORT_NOT_FOUND" Error Author "export the name from the module, or correct the import";
    NoExport "NO_EXPORT" Error Author "export what users of the function should call";
    RouteExportNotFound "ROUTE_EXPORT_NOT_FOUND" Error Author "export the route handler under this name, or correct `routeExport`";
    // The run as a whole.
    VersionNotNewer "VERSION_NOT_NEWER" Error Author "raise `version` above the newest published version, or set `strategy: all` for a backport";
    UnknownFunction "UNKNOWN_FUNCTION" Error Author "correct `name`, or set `allow-create: true` to create a new function";
    TagMismatch "TAG_MISMATCH" Error Author "create a tag that matches the version in aerostack.json, or set `tag-check: off`";
    DuplicateFunction "DUPLICATE_FUNCTION" Error Author "give each function a unique name";
    NoFunction "NO_FUNCTION" Error Author "set `directory` to a directory that contains an `aerostack.json`";
    PlanChanged "PLAN_CHANGED" Error Author "do the dry run again, have its report approved, and set `plan` to it";
    InvalidInput "INVALID_INPUT" Error Pipeline "correct the input";
    MissingKey "MISSING_KEY" Error Pipeline "create an account key at <https://app.aerostack.dev/account/keys>, store it as a secret and pass it as `api-key`; or set `dry-run: true`";
    LiveFromPullRequest "LIVE_FROM_PULL_REQUEST" Error Pipeline "set `publish: auto` (a dry run for pull and merge requests), `publish: false` (a draft) or `dry-run: true`";
    HubRefused "HUB_REFUSED" Error Hub "contact Aerostack support and quote the Hub's message";
    HubUnreachable "HUB_UNREACHABLE" Error Nobody "re-run the job";
    Unconfirmed "UNCONFIRMED" Error Nobody "re-run the job: it checks what is on the Hub before it sends anything";
    Cancelled "CANCELLED" Error Nobody "re-run the job: it checks what is on the Hub before it sends anything";
    InvalidName "INVALID_NAME" Warning Author "use lower-case letters, digits and single hyphens";
    UnknownField "UNKNOWN_FIELD" Warning Author "correct the field's name";
    LanguageMismatch "LANGUAGE_MISMATCH" Warning Author "set `language` to the language of the entrypoint";
    UndeclaredDependency "UNDECLARED_DEPENDENCY" Warning Author "add the package to `npmDependencies`, so that users of the function install it";
    UnsupportedImport "UNSUPPORTED_IMPORT" Warning Author "import a package from npm, and list it in `npmDependencies`";
    ComputedImport "COMPUTED_IMPORT" Warning Author "import each file by its path, written out";
    UndeclaredEnvVar "UNDECLARED_ENV_VAR" Warning Author "add the variable to `envVars`, so that users of the function set it";
    SchemaNotExported "SCHEMA_NOT_EXPORTED" Warning Author "export the table, or set `drizzleSchema` to `false`";
    BreakingWithoutMajor "BREAKING_WITHOUT_MAJOR" Warning Author "raise the major version (below 1.0.0, the minor version), or restore what was removed";
    PrereleaseOverRelease "PRERELEASE_OVER_RELEASE" Warning Author "users will install this prerelease; publish it as a draft if they should not";
    HistoryUnreadable "HISTORY_UNREADABLE" Warning Nobody "no action is needed if the publish succeeds; to read the history, re-run the job or set `username`";
    InReview "IN_REVIEW" Warning Hub "no action is needed, and running again changes nothing: wait for the Hub's decision";
    NewerPublished "NEWER_PUBLISHED" Warning Author "check which version users should have; to make this content the newest, publish it again under a higher version";
    KeyPrefix "KEY_PREFIX" Warning Pipeline "publishing needs an account key, which starts with `ac_` or `ak_`; create one at <https://app.aerostack.dev/account/keys>";
    KeyBlanks "KEY_BLANKS" Warning Pipeline "store the secret again, without whitespace or line breaks around it";
    UnknownInput "UNKNOWN_INPUT" Warning Pipeline "correct the variable's name";
    DuplicateTag "DUPLICATE_TAG" Warning Author "remove the duplicate tag";
    ReportNotWritten "REPORT_NOT_WRITTEN" Warning Pipeline "give this job write access to the file; what was published is not affected";
    ReadmeMissing "README_MISSING" Notice Author "add a README.md: the Hub shows it on the function's page";
    UnusedAllow "UNUSED_ALLOW" Notice Author "remove the comment, or correct its code";
    FirstRelease "FIRST_RELEASE" Notice Author "check the name: it becomes the function's address on the Hub";
    NotCompared "NOT_COMPARED" Notice Pipeline "set `api-key` or `username` to compare with what is published";
    TagNotChecked "TAG_NOT_CHECKED" Notice Author "use a tag such as `v1.2.3`, `name@1.2.3` or `functions/name/v1.2.3`, or set `tag-check: off`";
    MetadataDiffers "METADATA_DIFFERS" Notice Author "raise `version` to publish the change: what is published under a version is permanent";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_codes_are_unique_and_upper_case() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert!(
                code.name().bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase() || byte == b'8')
            );
            assert!(Code::ALL.iter().skip(at + 1).all(|other| other.name() != code.name()));
        }
    }
}
