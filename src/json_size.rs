//! How much JSON holds, found out without keeping any of it: each value takes up to a hundred bytes of memory, however short
//! it is.

use std::fmt::{self, Formatter};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The number of values in a text, those in lists and objects included.
///
/// # Errors
/// Where it is no JSON, or nested deeper than 128 levels (the parser's own limit).
pub(crate) fn count_values(text: &[u8]) -> serde_json::Result<usize> {
    serde_json::from_slice(text).map(|Count(values)| values)
}

struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counter)
    }
}

struct Counter;

impl<'de> Visitor<'de> for Counter {
    type Value = Count;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(1))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Count, E> {
        Ok(Count(1))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Count, E> {
        Ok(Count(1))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Count, E> {
        Ok(Count(1))
    }

    fn visit_str<E>(self, _: &str) -> Result<Count, E> {
        Ok(Count(1))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(1))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Count, A::Error> {
        let mut values = 1;
        while let Some(Count(inside)) = list.next_element()? {
            values += inside;
        }
        Ok(Count(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Count, A::Error> {
        let mut values = 1;
        while let Some((IgnoredAny, Count(inside))) = object.next_entry()? {
            values += inside;
        }
        Ok(Count(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_at_every_depth() {
        for (text, expected) in [("null", 1), ("[]", 1), (r#"[true, "[,{", {"a,b": ["\""], "c": null}]"#, 7)]
        {
            assert_eq!(count_values(text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_has_no_count() {
        for text in [
            "",
            "[1,]",
            "{\"a\": 1",
            &"[".repeat(1_000_000),
            &format!("{}{}", "[".repeat(200), "]".repeat(200)),
        ] {
            assert!(count_values(text.as_bytes()).is_err(), "{text:.20}");
        }
    }
}
