//! Slugs of function names.

/// The slug of a name (Go CLI, `slugifyName`): lower case and trimmed; characters other than word characters, white
/// space and hyphens are removed; white space and underscores become hyphens, without repeated, leading or trailing ones.
pub(crate) fn slugify(name: &str) -> String {
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
    use super::slugify;

    #[test]
    fn slugs_match_those_of_the_go_cli() {
        for (name, slug) in [
            ("image-resize", "image-resize"),
            ("  Image Resize! ", "image-resize"),
            ("__a  _-b__", "a-b"),
            ("Grüße", "gre"),
            ("a & b", "a-b"),
            ("---", ""),
        ] {
            assert_eq!(slugify(name), slug, "{name:?}");
        }
    }
}
