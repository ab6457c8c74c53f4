//! How much JSON holds, before it is parsed: each value takes up to a hundred bytes of memory, however short it is.

/// The most values that there can be in this text: each one is the first of its list or object, or follows a comma.
pub(crate) fn count_values(text: &[u8]) -> usize {
    let (mut values, mut in_string, mut escaped) = (1, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => values += 1,
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_strings_only() {
        for (body, expected) in [
            ("1", 1),
            ("[]", 2),
            (r#"[1, 2, {"a": 3}]"#, 5),
            (r#"{"a,[{": "\"[[\\", "b": 1}"#, 3),
            (r#"["\\", 1]"#, 3),
        ] {
            assert_eq!(count_values(body.as_bytes()), expected, "{body}");
        }
    }
}
