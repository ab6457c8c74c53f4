//! The stack that a recursive parser needs at most for a text.

/// Least stack in bytes: 64 MiB, enough to walk a tree of the greatest depth allowed.
const MIN_STACK: usize = 64 << 20;

/// Most stack in bytes: 4 GiB. It is only reserved; memory is used as deep as the code is really nested. Hand-written
/// code reserves a few hundred times its size, so this is enough for several MiB of it in one file.
const MAX_STACK: usize = 4 << 30;

/// Bytes of stack that are enough for any nesting in this text: each byte or word that can open a level counts, and
/// nothing is taken to close one. So strings, comments and regular expressions can't hide a level. `None` if it would be
/// more than [`MAX_STACK`].
pub(super) fn size_for(text: &str) -> Option<usize> {
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii();
    let words = text.split(|c| !is_in_word(c)).map(|word| cost_of_word(word.as_bytes()));
    let size = text.bytes().map(cost_of).chain(words).fold(MIN_STACK, usize::saturating_add);
    (size <= MAX_STACK).then_some(size)
}

/// Bytes of stack for a level that this byte opens: measured with oxc 0.146 on x86-64, for each construct alone and in
/// combinations; at most two thirds of it is used.
const fn cost_of(byte: u8) -> usize {
    SCALE
        * match byte {
            b'(' | b'[' | b'{' => 2800,
            b'<' | b'=' | b'?' => 2000,
            b'!' | b'~' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'.' | b':' | b'@'
            | b'>' => 400,
            _ => 0,
        }
}

/// The same for a word after which another expression, type or statement can be nested.
const fn cost_of_word(word: &[u8]) -> usize {
    SCALE
        * match word {
            b"abstract" | b"async" | b"asserts" | b"await" | b"case" | b"class" | b"const" | b"declare"
            | b"default" | b"delete" | b"do" | b"else" | b"enum" | b"export" | b"extends" | b"for"
            | b"function" | b"get" | b"if" | b"import" | b"infer" | b"is" | b"keyof" | b"module"
            | b"namespace" | b"new" | b"readonly" | b"return" | b"set" | b"static" | b"try" | b"typeof"
            | b"unique" | b"void" | b"while" | b"yield" => 1500,
            _ => 0,
        }
}

/// A debug build has larger frames.
const SCALE: usize = if cfg!(debug_assertions) { 3 } else { 1 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_bracket_does_not_reduce_the_size() {
        let nested = "(".repeat(1000);
        let hidden = "(')'".repeat(1000);
        assert!(size_for(&hidden) >= size_for(&nested));
        assert!(size_for("new new a") > size_for("news anew a"));
    }

    #[test]
    fn an_endlessly_nested_text_is_not_parsed_at_all() {
        assert_eq!(size_for(&"(".repeat(10 << 20)), None);
        assert!(size_for(&"a".repeat(10 << 20)).is_some());
    }
}
