//! Tables in text files: one row per line, columns separated by tabs, comments after `#`.

/// The rows of a table, each with its columns.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}
