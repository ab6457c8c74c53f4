//! Globs of the input `directory`, matched part by part against names. Pure: no file system.
//!
//! What can follow in a directory is a set of parts, all of which are matched at once, so that no directory has to be looked at
//! twice, however many ways through a glob lead to it (as in R. Cox, "Regular Expression Matching Can Be Simple And Fast").

/// The directory of installed packages, which globs leave out: functions in it are not this repository's.
const INSTALLED: &str = "node_modules";

/// The characters that make a line or a part of it a glob.
const WILDCARDS: [char; 3] = ['*', '?', '['];

const OPTIONS: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// A line, taken apart.
pub(super) struct Glob<'l> {
    /// The path before the first part with a wildcard.
    pub(super) start: &'l str,
    parts: Vec<Part<'l>>,
}

enum Part<'l> {
    /// `**`: any number of directories.
    Tree,
    Pattern(glob::Pattern),
    Name(&'l str),
}

/// The parts that can be next, each by its index, in order. The end is one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State(Vec<usize>);

/// What a name in a directory is to a glob.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// What can follow inside, if it is a directory or a link to one.
    pub(super) inside: State,
    /// Whether a part other than `**` matches it, so that a link is followed.
    pub(super) is_matched: bool,
    /// Whether `**` includes it.
    pub(super) is_in_tree: bool,
}

impl<'l> Glob<'l> {
    /// # Errors
    /// With the problem.
    pub(super) fn parse(line: &'l str) -> Result<Self, &'static str> {
        let (start, rest) = split(line);
        let mut parts = Vec::new();
        for part in rest.split('/').filter(|part| !matches!(*part, "" | ".")) {
            let next = match part {
                "**" => Part::Tree,
                _ if is_glob(part) => {
                    Part::Pattern(glob::Pattern::new(&plain(part)).map_err(|error| error.msg)?)
                }
                _ => Part::Name(part),
            };
            // A second one in a row adds nothing.
            if !matches!((parts.last(), &next), (Some(Part::Tree), Part::Tree)) {
                parts.push(next);
            }
        }
        Ok(Self { start, parts })
    }

    /// What can follow in the directory at which the glob starts.
    pub(super) fn at_start(&self) -> State {
        self.state([0])
    }

    /// Whether the glob can end here.
    pub(super) fn is_match(&self, state: &State) -> bool {
        state.0.last() == Some(&self.parts.len())
    }

    /// With how many parts a name is compared.
    pub(super) fn width(&self, state: &State) -> usize {
        self.next(state).count()
    }

    /// Whether it can go on with a name that is not known yet.
    pub(super) fn has_wildcard(&self, state: &State) -> bool {
        self.next(state).any(|(_, part)| !matches!(part, Part::Name(_)))
    }

    /// The names that it can go on with and that are known.
    pub(super) fn names(&self, state: &State) -> impl Iterator<Item = &'l str> {
        self.next(state).filter_map(|(_, part)| match part {
            Part::Name(name) => Some(*name),
            Part::Tree | Part::Pattern(_) => None,
        })
    }

    /// Whether `**` includes what is in this directory.
    pub(super) fn has_tree(&self, state: &State) -> bool {
        self.next(state).any(|(_, part)| matches!(part, Part::Tree))
    }

    /// What a name is, of a directory itself or of anything else.
    pub(super) fn step(&self, state: &State, name: &str, is_directory: bool) -> Step {
        let is_installed = name == INSTALLED;
        let matched = self.next(state).filter(|(_, part)| match part {
            Part::Tree => false,
            Part::Pattern(pattern) => !is_installed && pattern.matches_with(name, OPTIONS),
            Part::Name(part) => *part == name,
        });
        let mut inside: Vec<_> = matched.map(|(at, _)| at + 1).collect();
        let is_matched = !inside.is_empty();
        let is_in_tree = !is_installed && !name.starts_with('.') && self.has_tree(state);
        if is_in_tree && is_directory {
            // Links can lead in circles.
            let trees = self.next(state).filter(|(_, part)| matches!(part, Part::Tree));
            inside.extend(trees.map(|(at, _)| at));
        }
        Step { inside: self.state(inside), is_matched, is_in_tree }
    }

    /// The parts that can be next, without the end.
    fn next(&self, state: &State) -> impl Iterator<Item = (usize, &Part<'l>)> {
        state.0.iter().filter_map(|at| Some((*at, self.parts.get(*at)?)))
    }

    /// With what can follow where `**` is no directory.
    fn state(&self, parts: impl IntoIterator<Item = usize>) -> State {
        let is_tree = |at: usize| matches!(self.parts.get(at), Some(Part::Tree));
        let all = parts.into_iter().flat_map(|at| [Some(at), is_tree(at).then_some(at + 1)]);
        let mut all: Vec<_> = all.flatten().collect();
        all.sort_unstable();
        all.dedup();
        State(all)
    }
}

impl State {
    /// Whether nothing can follow, not even the end.
    pub(super) fn is_dead(&self) -> bool {
        self.0.is_empty()
    }
}

pub(super) fn is_glob(text: &str) -> bool {
    text.contains(WILDCARDS)
}

/// The path before the first part with a wildcard, and the rest.
pub(super) fn split(line: &str) -> (&str, &str) {
    let wildcard = line.find(WILDCARDS).unwrap_or(line.len());
    let end = line.get(..wildcard).and_then(|start| start.rfind('/')).map_or(0, |slash| slash + 1);
    line.split_at(end)
}

/// A part of a glob as the library reads it, which takes the `^` of `[^a]` literally; shells take it as `!` (bash
/// documentation, "Pattern Matching").
fn plain(part: &str) -> String {
    let (mut glob, mut rest) = (String::new(), part);
    while let Some((before, class)) = rest.split_once('[') {
        let (start, members) = match class.strip_prefix(['!', '^']) {
            Some(members) => ("[!", members),
            None => ("[", class),
        };
        // A `]` in the first place is a member.
        let end = members.char_indices().skip(1).find(|(_, c)| *c == ']').map_or(members.len(), |(at, _)| at);
        let (members, after) = members.split_at(end);
        glob.extend([before, start, members]);
        rest = after;
    }
    glob + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a glob matches a path of directories.
    fn is_match(line: &str, path: &str) -> bool {
        let glob = Glob::parse(line).unwrap();
        let step = |state: State, name: &str| glob.step(&state, name, true).inside;
        glob.is_match(&path.split('/').filter(|name| !name.is_empty()).fold(glob.at_start(), step))
    }

    #[test]
    fn a_glob_matches_whole_paths() {
        for (line, path, expected) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("**", "", true),
            ("**", "a/b", true),
            ("**", "a/.b", false),
            ("**", "node_modules", false),
            ("**/**/**", "a", true),
            ("**/a/**/a/**/a", "a/a", false),
            ("**/a/**/a/**/a", "a/a/a", true),
            ("**/a/**/a/**/a", "a/x/a/a/y/a", true),
            ("**/a/**/a/**/a", "a/x/a/a/y/a/z", false),
            ("**/*/**/*", "a", false),
            ("**/*/**/*", "a/b/c/d", true),
            ("**/.b/c", "a/.b/c", true),
            ("**/node_modules/c", "a/node_modules/c", true),
            ("**/node_modules/**", "node_modules/c", true),
            ("*/./b//", "a/b", true),
            ("*a*a*b", "aaaaaaaab", true),
            ("*a*a*b", "aaaaaaaaa", false),
        ] {
            assert_eq!(is_match(line, path), expected, "{line}: {path}");
        }
    }

    #[test]
    fn a_state_never_has_more_parts_than_the_glob() {
        let line = "**/a/".repeat(500);
        let glob = Glob::parse(&line).unwrap();
        let state = (0..2_000).fold(glob.at_start(), |state, _| glob.step(&state, "a", true).inside);
        assert_eq!(state.0.len(), glob.parts.len() + 1);
        assert!(glob.is_match(&state));
    }

    #[test]
    fn no_glob_takes_exponential_time() {
        let name = "a".repeat(255);
        for part in ["*a", "*a?", "*[ab]", "?*", "*[!b]a", "*"] {
            for line in [part.repeat(600) + "b", part.repeat(30) + "b", format!("{}*b*", part.repeat(300))] {
                if !line.contains("**") {
                    assert!(!is_match(&line, &name), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_caret_negates_as_in_a_shell() {
        for (part, glob) in [
            ("a", "a"),
            ("[^a]", "[!a]"),
            ("[^ab]*[^c]x", "[!ab]*[!c]x"),
            ("[!a]", "[!a]"),
            ("[a^]", "[a^]"),
            ("[[^]", "[[^]"),
            ("[]^]", "[]^]"),
            ("[^]a]", "[!]a]"),
            ("[^^]", "[!^]"),
            ("a^[b]^", "a^[b]^"),
            ("[^", "[!"),
            ("[", "["),
        ] {
            assert_eq!(plain(part), glob);
        }
    }
}
