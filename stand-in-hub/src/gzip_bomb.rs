//! A small gzip file with a large content.

/// How often the content has 8 repetitions of 258 blanks each, after one blank: 256 MiB in 1.6 MiB.
const REPETITIONS: usize = 130_055;

/// The length of the content, in bytes.
const LENGTH: u32 = 268_433_521;

/// The CRC-32 of the content.
const CRC: u32 = 0x8417_b593;

/// The fields before the content: method "deflate", no flags, no time, unknown system (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A final block with fixed codes, a blank, and the first bits of a repetition (RFC 1951).
const BLOCK_START: [u8; 2] = [0x53, 0x18];

/// 8 times "repeat the last byte 258 times" in 13 bits each; the bits begin within a byte.
const REPETITION: [u8; 13] = [0x05, 0xa3, 0x60, 0x14, 0x8c, 0x82, 0x51, 0x30, 0x0a, 0x46, 0xc1, 0x28, 0x18];

/// The gzip file.
pub(crate) fn bytes() -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    bytes.extend(BLOCK_START);
    bytes.extend(REPETITION.repeat(REPETITIONS));
    // The end of the block, in place of the beginning of a further repetition.
    bytes.pop();
    bytes.extend([0, 0]);
    bytes.extend(CRC.to_le_bytes());
    bytes.extend(LENGTH.to_le_bytes());
    bytes
}
