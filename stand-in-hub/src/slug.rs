//! From a function's name to its slug.

/// The slug the Hub makes of a name (Go CLI, `slugifyName`): lower-case and trimmed, without anything that is not a
/// word character, blank or hyphen; blanks and underscores become hyphens, and hyphens are single and inside.
pub(crate) fn of_name(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().trim().chars() {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            '-' | '_' | ' ' | '\t' | '\n' | '\r' | '\u{c}' if !slug.is_empty() && !slug.ends_with('-') => {
                slug.push('-');
            }
            _ => {}
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::of_name;

    #[test]
    fn a_name_becomes_a_slug_as_the_go_cli_makes_it() {
        for (name, slug) in [
            ("image-resize", "image-resize"),
            ("  Image Resize! ", "image-resize"),
            ("__a  _-b__", "a-b"),
            ("Grüße", "gre"),
            ("a & b", "a-b"),
            ("---", ""),
        ] {
            assert_eq!(of_name(name), slug, "{name:?}");
        }
    }
}
