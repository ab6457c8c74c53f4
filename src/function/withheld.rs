//! Files that nobody means to publish: those that tools keep secrets in, and what a repository keeps for itself.

use std::path::Path;

/// Their names, and those of the directories that they are in, in lower case: some file systems do not tell cases apart.
const NAMES: [&str; 19] = [
    // Git, and the logins that it stores.
    ".git",
    ".git-credentials",
    // Package managers and their logins.
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pypirc",
    ".bundle",
    // Logins of curl and others (`_netrc` on Windows).
    ".netrc",
    "_netrc",
    // Keys and logins of a user's account.
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".gcloud",
    ".kube",
    ".docker",
    ".dockercfg",
    ".vault-token",
    ".htpasswd",
];

/// The starts of further names: variables (`.env.local`, `.envrc`), Wrangler's secrets (`.dev.vars.staging`), and the
/// credentials that google-github-actions/auth writes into the workspace.
const STARTS: [&str; 3] = [".env", ".dev.vars", "gha-creds-"];

/// The part of a path, relative to the function's directory and without links, for which a file must not be sent or shown.
pub(super) fn withheld_part(path: &Path) -> Option<String> {
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    let is_withheld = |part: &String| {
        let lower = part.to_lowercase();
        NAMES.contains(&lower.as_str()) || STARTS.iter().any(|start| lower.starts_with(start))
    };
    parts.into_iter().find(is_withheld)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_withheld_for_any_of_its_parts() {
        for (path, expected) in [
            (".env", Some(".env")),
            ("a/.env.local", Some(".env.local")),
            (".envrc", Some(".envrc")),
            (".ENV", Some(".ENV")),
            (".dev.vars", Some(".dev.vars")),
            (".dev.vars.staging", Some(".dev.vars.staging")),
            (".git/config", Some(".git")),
            ("sub/.Git/HEAD", Some(".Git")),
            (".npmrc", Some(".npmrc")),
            (".netrc", Some(".netrc")),
            (".ssh/id_ed25519", Some(".ssh")),
            (".aws/credentials", Some(".aws")),
            (".docker/config.json", Some(".docker")),
            ("gha-creds-0123456789abcdef.json", Some("gha-creds-0123456789abcdef.json")),
            ("index.ts", None),
            ("env.ts", None),
            ("src/environment.ts", None),
            (".github/x.md", None),
            (".gitignore", None),
            ("git/config", None),
            ("aws.ts", None),
            ("docker/ssh.ts", None),
        ] {
            assert_eq!(withheld_part(Path::new(path)).as_deref(), expected, "{path}");
        }
    }
}
