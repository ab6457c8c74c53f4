//! What the program and the child process that parses for it say to each other: lengths and bytes, over its standard input and
//! output. A request is a path, a text and the time that is left, the answer is the time used and a module as JSON.

use std::io::{BufWriter, Error, ErrorKind, Read, Result, Write};
use std::time::Duration;

/// The argument with which the program starts itself to parse.
pub const ARGUMENT: &str = "--parse-for-parent-process";

/// Most processor time for parsing all modules of a function: a machine that is busy with other things needs no more of it. 10 MiB
/// of real code take less than a second; on some nested code the parser backtracks again and again (unclosed `(a=(a=(…`, `a<a<a<…`).
pub(super) const MAX_PARSE_TIME: Duration = Duration::from_secs(3);

/// Longest path and longest text of a module, in bytes: 16 MiB. All files of a function together are smaller; those of a published
/// version may not be.
pub(super) const MAX_MODULE_BYTES: usize = 16 << 20;

/// The exit code of a child process that needed too much memory.
pub(super) const TOO_MUCH_MEMORY: u8 = 3;

/// The exit code of a child process that needed too much time.
pub(super) const TOO_MUCH_TIME: u8 = 4;

/// The exit code of a child process that got no memory or no thread to parse with.
pub(super) const NOT_STARTED: u8 = 5;

/// The time used, in microseconds, and the module.
pub(super) type Answer<M> = (u64, M);

/// A module to parse.
pub(super) struct Request<T> {
    pub(super) path: T,
    pub(super) text: T,
    /// Processor time.
    pub(super) time_left: Duration,
}

pub(super) fn write_request(to: impl Write, request: &Request<&str>) -> Result<()> {
    let micros = u64::try_from(request.time_left.as_micros()).unwrap_or(u64::MAX);
    write_all(to, [request.path.as_bytes(), request.text.as_bytes(), &micros.to_le_bytes()])
}

/// The next request; `None` if there is none, or it is not one.
pub(super) fn read_request(from: &mut impl Read) -> Option<Request<String>> {
    let mut next = || read_bytes(from, MAX_MODULE_BYTES).ok();
    let (path, text, time_left) = (next()?, next()?, next()?);
    Some(Request {
        path: String::from_utf8(path).ok()?,
        text: String::from_utf8(text).ok()?,
        time_left: Duration::from_micros(u64::from_le_bytes(time_left.try_into().ok()?)),
    })
}

/// Writes of each a length and as many bytes, all together: every write may wake the other process.
pub(super) fn write_all<'b>(to: impl Write, parts: impl IntoIterator<Item = &'b [u8]>) -> Result<()> {
    let mut to = BufWriter::new(to);
    for bytes in parts {
        let length = u32::try_from(bytes.len()).map_err(|_| Error::from(ErrorKind::FileTooLarge))?;
        to.write_all(&length.to_le_bytes())?;
        to.write_all(bytes)?;
    }
    to.flush()
}

/// Reads a length and as many bytes, but no more than `max`.
pub(super) fn read_bytes(from: &mut impl Read, max: usize) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok().filter(|length| *length <= max);
    let mut bytes = vec![0; length.ok_or(ErrorKind::FileTooLarge)?];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_written_up_to_a_limit() {
        let mut written = Vec::new();
        write_all(&mut written, ["a.ts".as_bytes(), b"", "é".as_bytes()]).unwrap();
        let mut from = written.as_slice();
        let read: Vec<_> = (0..3).map(|_| read_bytes(&mut from, 4).unwrap()).collect();
        assert_eq!(read, ["a.ts".as_bytes(), b"", "é".as_bytes()]);
        assert_eq!(read_bytes(&mut written.as_slice(), 3).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read_bytes(&mut &written[..6], 4).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(read_bytes(&mut &[255; 8][..], 1 << 24).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
