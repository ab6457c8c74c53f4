//! The codes of findings: one table.

use crate::text::Color;

/// How serious a finding is, the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
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
}

impl Severity {
    /// Every severity, the most serious first.
    pub(crate) const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    pub(crate) const fn row(self) -> SeverityRow {
        let (word, icon, color, gitlab) = match self {
            Self::Error => ("error", "❌", Color::Red, "critical"),
            Self::Warning => ("warning", "⚠️", Color::Yellow, "minor"),
            Self::Notice => ("notice", "ℹ️", Color::Blue, "info"),
        };
        SeverityRow { word, icon, color, gitlab }
    }
}

/// Who can fix an error of a code; each owner has an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The function's author.
    Author,
    /// The owner of the pipeline.
    Pipeline,
    /// Aerostack, who runs the Hub.
    Hub,
    /// No one: a later run can succeed.
    Nobody,
}

/// One exit code.
pub struct ExitCode {
    /// The code itself.
    pub code: u8,
    /// Who acts.
    pub who: &'static str,
    /// In which cases a run ends with it.
    pub when: &'static str,
    /// What to do.
    pub action: &'static str,
}

/// The exit codes, by number; 0 is success.
pub const EXIT_CODES: [ExitCode; 5] = [
    exit_code(0, "nobody", "published, draft, unchanged, clean dry run", "nothing"),
    exit_code(1, "the function's author", "any error finding, here or from the Hub", "fix the function"),
    exit_code(
        2,
        "the pipeline's owner",
        "a bad input, no key, `UNAUTHORIZED`",
        "fix the pipeline's configuration",
    ),
    exit_code(
        3,
        "the Hub's operator",
        "the Hub refused with a reason this tool does not know",
        "the Hub rejected it; contact Aerostack support",
    ),
    exit_code(
        4,
        "nobody; run it again",
        "the Hub could not be reached, or did not confirm (`unconfirmed`)",
        "no action needed; re-run the job",
    ),
];

const fn exit_code(code: u8, who: &'static str, when: &'static str, action: &'static str) -> ExitCode {
    ExitCode { code, who, when, action }
}

impl Owner {
    /// Every owner; of several errors, the first one here decides the exit code.
    pub(crate) const BY_PRECEDENCE: [Self; 4] = [Self::Pipeline, Self::Author, Self::Hub, Self::Nobody];

    /// The exit code of a run whose errors belong to this owner.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Author => 1,
            Self::Pipeline => 2,
            Self::Hub => 3,
            Self::Nobody => 4,
        }
    }
}

/// The page that documents every code.
const DOCUMENTATION: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/findings.md");

/// The one table of finding codes: name, severity, who must act on an error, and the fix. Names are promises to users.
macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $owner:ident $fix:literal;)*) => {
        /// What a finding is about. Each code has a heading in `docs/findings.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $fix] $variant),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as users see it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The severity it has where nothing else is said.
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
                self.owner().exit_code()
            }

            /// How to mend it, where the finding knows nothing better.
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$variant => $fix),* }
            }
        }
    };
}

codes! {
    // The Hub's own (Aerostack documentation, "Publishing to the Hub", list of errors).
    InvalidCategory "INVALID_CATEGORY" Error Author "use one of the Hub's categories, in lower case";
    MissingEntrypoint "MISSING_ENTRYPOINT" Error Author "give `entrypoint` the path of the main source file, relative to the function's directory";
    EmptyCode "EMPTY_CODE" Error Author "add at least one exported function to the entrypoint";
    DuplicateSlug "DUPLICATE_SLUG" Error Author "rename the function: another account has this slug";
    Unauthorized "UNAUTHORIZED" Error Pipeline "make a new account key at <https://app.aerostack.dev/account/keys> and store it as the secret";
    VersionConflict "VERSION_CONFLICT" Error Author "raise `version` in aerostack.json";
    // The manifest.
    ManifestMissing "MANIFEST_MISSING" Error Author "add an aerostack.json, or point `directory` at the function's directory";
    ManifestInvalidJson "MANIFEST_INVALID_JSON" Error Author "write the manifest as plain JSON";
    DuplicateKey "DUPLICATE_KEY" Error Author "keep one of the two";
    MissingField "MISSING_FIELD" Error Author "add the field";
    InvalidType "INVALID_TYPE" Error Author "write the value as the type the field has";
    InvalidName "INVALID_NAME" Error Author "use lower-case letters, digits and single hyphens";
    InvalidVersion "INVALID_VERSION" Error Author "write a version of three numbers, such as `1.0.0`, without `v`";
    InvalidLanguage "INVALID_LANGUAGE" Error Author "use `typescript` or `javascript`";
    InvalidRuntime "INVALID_RUNTIME" Error Author "use `cloudflare-worker`";
    InvalidLicense "INVALID_LICENSE" Error Author "use an SPDX expression, such as `MIT` or `Apache-2.0`";
    InvalidDescription "INVALID_DESCRIPTION" Error Author "say in a few words what the function does";
    InvalidTag "INVALID_TAG" Error Author "give the tag a word, or remove it";
    TooManyTags "TOO_MANY_TAGS" Error Author "keep the ten best";
    InvalidRoutePath "INVALID_ROUTE_PATH" Error Author "write a path that starts with `/`, without blanks, query or fragment";
    InvalidRouteExport "INVALID_ROUTE_EXPORT" Error Author "name the export as the code does: a JavaScript identifier";
    InvalidEnvVar "INVALID_ENV_VAR" Error Author "use letters, digits and `_`, not starting with a digit";
    InvalidNpmDependency "INVALID_NPM_DEPENDENCY" Error Author "write the package's name, with a version range behind `@` if one is needed";
    // The files.
    EntrypointOutsideDirectory "ENTRYPOINT_OUTSIDE_DIRECTORY" Error Author "keep every file that is sent inside the function's directory";
    NotUtf8 "NOT_UTF8" Error Author "save the file as UTF-8";
    FileTooLarge "FILE_TOO_LARGE" Error Author "keep all files that are sent under 10 MiB together";
    MissingFile "MISSING_FILE" Error Author "add the file, or correct the path that names it";
    SecretFound "SECRET_FOUND" Error Author "remove it, revoke it (it may have been public already), and read it from an environment variable";
    // The code.
    SyntaxError "SYNTAX_ERROR" Error Author "mend the code: it could not be loaded like this";
    NoExport "NO_EXPORT" Error Author "export what users of the function shall call";
    RouteExportNotFound "ROUTE_EXPORT_NOT_FOUND" Error Author "export the route's handler under this name, or correct `routeExport`";
    // The run as a whole.
    VersionNotNewer "VERSION_NOT_NEWER" Error Author "raise `version` above the newest published one, or set `strategy: all` for a backport";
    UnknownFunction "UNKNOWN_FUNCTION" Error Author "correct `name`, or set `allow-create: true` to create a new function";
    TagMismatch "TAG_MISMATCH" Error Author "tag the commit with the version that aerostack.json has, or set `tag-check: off`";
    DuplicateFunction "DUPLICATE_FUNCTION" Error Author "give each directory a name of its own";
    NoFunction "NO_FUNCTION" Error Author "point `directory` at a directory that holds an aerostack.json";
    InvalidInput "INVALID_INPUT" Error Pipeline "correct the input";
    MissingKey "MISSING_KEY" Error Pipeline "store an account key as a secret and pass it as `api-key`, or set `dry-run: true`";
    HubRefused "HUB_REFUSED" Error Hub "this refusal is the Hub's own: its words are all that is known";
    HubUnreachable "HUB_UNREACHABLE" Error Nobody "run the job again";
    Unconfirmed "UNCONFIRMED" Error Nobody "run the job again: it reads what the Hub has before it sends anything";
    UnknownField "UNKNOWN_FIELD" Warning Author "correct the field's name";
    LanguageMismatch "LANGUAGE_MISMATCH" Warning Author "make `language` say what the entrypoint is written in";
    UndeclaredDependency "UNDECLARED_DEPENDENCY" Warning Author "add the package to `npmDependencies`: who installs the function must install it too";
    UndeclaredEnvVar "UNDECLARED_ENV_VAR" Warning Author "add the variable to `envVars`: who installs the function must set it";
    SchemaNotExported "SCHEMA_NOT_EXPORTED" Warning Author "export the table, or set `drizzleSchema` to `false`";
    BreakingWithoutMajor "BREAKING_WITHOUT_MAJOR" Warning Author "raise the major version (below 1.0.0 the minor one), or keep what users build on";
    PrereleaseOverRelease "PRERELEASE_OVER_RELEASE" Warning Author "users will install this prerelease: publish it as a draft if they should not";
    HistoryUnreadable "HISTORY_UNREADABLE" Warning Nobody "the Hub itself refuses a version that is already published";
    KeyPrefix "KEY_PREFIX" Warning Pipeline "publishing needs an account key, which starts with `ac_`; make one at <https://app.aerostack.dev/account/keys>";
    KeyBlanks "KEY_BLANKS" Warning Pipeline "store the secret again, without blanks or line breaks around it";
    UnknownInput "UNKNOWN_INPUT" Warning Pipeline "correct the variable's name";
    DuplicateTag "DUPLICATE_TAG" Warning Author "remove the second one";
    LiveFromPullRequest "LIVE_FROM_PULL_REQUEST" Warning Pipeline "set `publish: auto`, which makes a dry run of pull and merge requests";
    ReadmeMissing "README_MISSING" Notice Author "add a README.md: the Hub shows it on the function's page";
    FirstRelease "FIRST_RELEASE" Notice Author "check the name once more: it is the function's address from now on";
    NotCompared "NOT_COMPARED" Notice Pipeline "give `api-key` or `username` to compare with what is published";
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
