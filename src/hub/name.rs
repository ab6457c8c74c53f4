//! The names of subject and issuer in a certificate. Own code, because the crates for it make the binary 180 KB larger.

use crate::text;

/// Longest name that is shown, in characters: a common name has at most 64 (RFC 5280, appendix A).
const MAX_NAME_CHARS: usize = 160;

/// The parts of a name that say whose it is, by the last byte of their identifier below 2.5.4 (RFC 5280, appendix A).
const ATTRIBUTES: [(u8, &str); 4] = [(3, "CN"), (11, "OU"), (10, "O"), (6, "C")];

/// A name in DER, without its outer tag: a sequence of sets of pairs of an identifier and a text (RFC 5280, §4.1.2.4).
pub(super) fn distinguished_name(der: &[u8]) -> String {
    let pairs = Elements(der).flat_map(|set| Elements(set.value)).map(|pair| {
        let mut parts = Elements(pair.value);
        (parts.next(), parts.next())
    });
    let found: Vec<_> = pairs.filter_map(|(id, value)| Some((id?.value, value?.text()))).collect();
    let shown = ATTRIBUTES.iter().flat_map(|(id, label)| {
        let of_kind = found.iter().filter(move |(found, _)| **found == [0x55, 4, *id]);
        of_kind.map(move |(_, text)| format!("{label}={text}"))
    });
    let name = text::clean_line(&shown.collect::<Vec<_>>().join(", "));
    if name.is_empty() { "(no name)".to_owned() } else { text::shorten(&name, MAX_NAME_CHARS) }
}

/// An element of DER.
struct Element<'d> {
    tag: u8,
    value: &'d [u8],
}

/// Elements of DER, one after the other; ends at the first that is not well-formed.
struct Elements<'d>(&'d [u8]);

impl<'d> Iterator for Elements<'d> {
    type Item = Element<'d>;

    fn next(&mut self) -> Option<Element<'d>> {
        let (&[tag, length], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match length {
            0..0x80 => (usize::from(length), rest),
            0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
            0x82 => {
                rest.split_first_chunk().map(|(length, rest)| (u16::from_be_bytes(*length).into(), rest))?
            }
            // Longer than any name.
            0x80 | 0x83.. => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Element { tag, value })
    }
}

impl Element<'_> {
    fn text(&self) -> String {
        const BMP_STRING: u8 = 0x1e;
        if self.tag == BMP_STRING {
            let units = self.value.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit));
            return char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        }
        String::from_utf8_lossy(self.value).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap();
        let length = match length {
            0..0x80 => vec![length.to_be_bytes()[1]],
            0x80..0x100 => vec![0x81, length.to_be_bytes()[1]],
            _ => [&[0x82], &length.to_be_bytes()[..]].concat(),
        };
        [&[tag], length.as_slice(), value].concat()
    }

    /// A set of one pair.
    fn attribute(id: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        let pair = [element(6, &[0x55, 4, id]), element(tag, value)].concat();
        element(0x31, &element(0x30, &pair))
    }

    #[test]
    fn the_parts_of_a_name_are_shown_from_the_smallest_to_the_largest() {
        let name = [
            attribute(6, 0x13, b"NO"),
            attribute(8, 0x0c, b"Oslo"),
            attribute(10, 0x0c, "Ærø AS".as_bytes()),
        ];
        let name = [name.concat(), attribute(3, 0x1e, &[0, b'C', 0x20, 0xac])].concat();
        assert_eq!(distinguished_name(&name), "CN=C€, O=Ærø AS, C=NO");
        let long = [attribute(10, 0x0c, &[b'o'; 300]), attribute(3, 0x0c, &[b'c'; 130])].concat();
        let expected = format!("CN={}, O={}…", "c".repeat(130), "o".repeat(160 - 133 - 4));
        assert_eq!(distinguished_name(&long), expected);
    }

    #[test]
    fn a_hostile_name_is_harmless() {
        let name = attribute(3, 0x0c, b"a\x1b[2K\n::error::b\xff");
        assert_eq!(distinguished_name(&name), "CN=a[2K ⏎ ::error::b\u{fffd}");
        let valid = attribute(3, 0x0c, &[b'x'; 200]);
        for end in 0..valid.len() {
            assert_eq!(distinguished_name(&valid[..end]), "(no name)", "{end}");
        }
        for length in [0x80, 0x83, 0xff] {
            assert_eq!(distinguished_name(&[0x31, length, 0xff, 0xff, 0xff]), "(no name)");
        }
    }
}
