//! How much stack a recursive parser can need for a text, at most.

/// The stack that every text gets: enough for walking the tree as deep as is allowed, with room to spare.
const BASE: usize = 64 << 20;

/// Most stack that is asked for. It is only reserved: memory is used as deep as the code really nests. Code as people
/// write it needs some hundred times its size, so this serves several MiB of it in one file.
const MOST: usize = 4 << 30;

/// Words after which an expression, a type or a statement can start anew inside of another.
const NESTING_WORDS: [&str; 36] = [
    "abstract",
    "async",
    "asserts",
    "await",
    "case",
    "class",
    "const",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "for",
    "function",
    "get",
    "if",
    "import",
    "infer",
    "is",
    "keyof",
    "module",
    "namespace",
    "new",
    "readonly",
    "return",
    "set",
    "static",
    "try",
    "typeof",
    "unique",
    "void",
    "while",
    "yield",
];

/// Bytes of stack, at most, for all that this text could nest: each byte or word that can open a level of nesting
/// counts, and nothing is believed to close one. So no trick with strings, comments or regular expressions makes the
/// need look smaller than it is. Nothing, if it would be more than a machine can be asked for.
pub(super) fn needed_for(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut need = BASE;
    let mut word_start = None;
    for (at, byte) in bytes.iter().chain(b" ").enumerate() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii() {
            word_start = word_start.or(Some(at));
        } else if let Some(start) = word_start.take()
            && bytes.get(start..at).is_some_and(is_nesting_word)
        {
            need = need.saturating_add(WORD);
        }
        need = need.saturating_add(cost_of(*byte));
    }
    (need <= MOST).then_some(need)
}

/// Measured with oxc 0.146 on x86-64, for each construct alone and in combinations: at most two thirds of this is
/// used. A debug build has larger frames.
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

/// The same for one of [`NESTING_WORDS`].
const WORD: usize = SCALE * 1500;

const SCALE: usize = if cfg!(debug_assertions) { 3 } else { 1 };

fn is_nesting_word(word: &[u8]) -> bool {
    word.len() <= 9 && NESTING_WORDS.iter().any(|nesting| nesting.as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_closes_a_bracket_does_not_lessen_the_need() {
        let nested = "(".repeat(1000);
        let hidden = "(')'".repeat(1000);
        assert!(needed_for(&hidden) >= needed_for(&nested));
        assert!(needed_for("new new a") > needed_for("news anew a"));
    }

    #[test]
    fn a_text_that_nests_without_end_is_not_read_at_all() {
        assert_eq!(needed_for(&"(".repeat(10 << 20)), None);
        assert!(needed_for(&"a".repeat(10 << 20)).is_some());
    }
}
