//! Bytes as text: UTF-8, without NUL bytes.

use std::ops::Range;

use crate::source::BYTE_ORDER_MARK;

/// Why bytes are no text.
#[derive(Debug)]
pub(super) struct NotText {
    /// The bytes, as far as they are text.
    pub(super) lossy: String,
    /// The first place in it that no text has.
    pub(super) range: Range<usize>,
    /// How to fix it, where that is known.
    pub(super) fix: Option<&'static str>,
}

/// The text, without a byte order mark.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String, NotText> {
    let is_utf16 = is_utf16(&bytes);
    let (lossy, range, is_binary) = match String::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            Some(at) => (text, at..at + 1, true),
            None => return Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text)),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (lossy, at..at + '\u{fffd}'.len_utf8(), false)
        }
    };
    let fix = match (is_utf16, is_binary) {
        (true, _) => Some("save the file as UTF-8: it looks like UTF-16"),
        (false, true) => Some(
            "remove the NUL byte, which no text has; embed a binary file in a module as Base64, or fetch it at run time",
        ),
        (false, false) => None,
    };
    Err(NotText { lossy, range, fix })
}

/// Whether bytes begin with a byte order mark of UTF-16, or with two characters of ASCII in it.
fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [0, first, 0, second, ..] | [first, 0, second, 0, ..] => *first != 0 && *second != 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_dropped_and_what_no_text_has_is_located() {
        assert_eq!(text_of(b"\xef\xbb\xbfx".to_vec()).unwrap(), "x");
        for (bytes, start, fix) in [
            (&b"a\n\xc3\xa9\xff"[..], 4, None),
            (b"\xff\xfea\0", 0, Some("UTF-16")),
            (b"\xfe\xff\0a", 0, Some("UTF-16")),
            (b"{\0\n\0", 1, Some("UTF-16")),
            (b"\0{\0\n", 0, Some("UTF-16")),
            (b"\0asm\x01\0\0\0", 0, Some("NUL byte")),
            (b"abc\n\0", 4, Some("NUL byte")),
        ] {
            let NotText { range, fix: found, .. } = text_of(bytes.to_vec()).unwrap_err();
            assert_eq!((range.start, found.is_some()), (start, fix.is_some()), "{bytes:?}");
            assert!(found.unwrap_or_default().contains(fix.unwrap_or_default()), "{bytes:?}: {found:?}");
        }
    }
}
