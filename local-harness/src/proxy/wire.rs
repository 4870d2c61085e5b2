//! HTTP/1.1 messages as bytes, so that they can be forwarded, truncated and corrupted. Lengths come
//! from Content-Length or from chunks; bodies are held in memory.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest head that is read.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// One connection, with what was read beyond the last message.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A request or an answer.
#[derive(Debug)]
pub(super) struct Message {
    /// Up to the empty line, with it.
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Without it small messages wait for the other side's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        Self { stream, read: Vec::new() }
    }

    /// The next request, or none when the client has closed the connection.
    pub(super) async fn request(&mut self) -> io::Result<Option<Message>> {
        let Some(head) = self.head().await? else { return Ok(None) };
        let mut message = Message { head, body: Vec::new() };
        if message.header("expect").is_some() {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            message.remove_header("expect");
        }
        message.body = self.body(&message).await?;
        Ok(Some(message))
    }

    /// The answer to a request.
    pub(super) async fn answer(&mut self, request: &Message) -> io::Result<Message> {
        let head = self.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut message = Message { head, body: Vec::new() };
        if request.method() != "HEAD" {
            message.body = self.body(&message).await?;
        }
        Ok(message)
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Waits until the other side closes the connection.
    pub(super) async fn wait_until_closed(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1 << 10];
        while self.stream.read(&mut buffer).await? > 0 {}
        Ok(())
    }

    /// Resets the connection, which discards unsent data.
    pub(super) fn reset(&self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    async fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                return Ok(Some(self.read.drain(..end + 4).collect()));
            }
            if self.read.len() > MAX_HEAD_BYTES {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    async fn body(&mut self, message: &Message) -> io::Result<Vec<u8>> {
        let is_chunked = message.header("transfer-encoding").is_some();
        let length = message.header("content-length").and_then(|length| length.parse().ok());
        let length: usize = length.unwrap_or(0);
        loop {
            let length = if is_chunked { chunked_length(&self.read) } else { Some(length) };
            if let Some(length) = length.filter(|length| self.read.len() >= *length) {
                return Ok(self.read.drain(..length).collect());
            }
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn more(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.read).await? > 0)
    }
}

impl Message {
    pub(super) fn method(&self) -> &str {
        self.word(0)
    }

    pub(super) fn path(&self) -> &str {
        self.word(1)
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the client wants the connection closed after the answer.
    pub(super) fn is_last(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), &self.body].concat()
    }

    /// Flips a bit in the middle of the body.
    pub(super) fn flip_byte(&mut self) {
        let middle = self.body.len() / 2;
        if let Some(byte) = self.body.get_mut(middle) {
            *byte ^= 0x20;
        }
    }

    /// Sets a Content-Length that is wrong by this many bytes.
    pub(super) fn announce(&mut self, off_by: i64) {
        let length = i64::try_from(self.body.len()).unwrap_or(0) + off_by;
        self.remove_header("content-length");
        self.add_header(&format!("content-length: {}", length.max(0)));
    }

    /// Replaces the checksum by a wrong one of the same kind.
    pub(super) fn corrupt_checksum(&mut self) {
        let names = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];
        for name in names.map(|name| format!("x-amz-checksum-{name}")) {
            if let Some(value) = self.header(&name) {
                let first = if value.starts_with('A') { 'B' } else { 'A' };
                let corrupted = format!("{name}: {first}{}", &value[1..]);
                self.remove_header(&name);
                self.add_header(&corrupted);
            }
        }
    }

    fn word(&self, number: usize) -> &str {
        let line = self.head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let words = std::str::from_utf8(line).unwrap_or_default();
        words.split(' ').nth(number).unwrap_or_default()
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        std::str::from_utf8(&self.head).unwrap_or_default().split_terminator("\r\n")
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut found = self.lines().filter_map(|line| line.split_once(':'));
        let found = found.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    }

    fn remove_header(&mut self, name: &str) {
        let is_other = |line: &&str| {
            line.split_once(':').is_none_or(|(own, _)| !own.eq_ignore_ascii_case(name))
        };
        let kept: Vec<&str> = self.lines().filter(is_other).collect();
        self.head = kept.join("\r\n").into_bytes();
        self.head.extend_from_slice(b"\r\n");
        if !self.head.ends_with(b"\r\n\r\n") {
            self.head.extend_from_slice(b"\r\n");
        }
    }

    fn add_header(&mut self, line: &str) {
        let end = self.head.len() - 2;
        self.head.splice(end..end, format!("{line}\r\n").into_bytes());
    }
}

/// Bytes of a whole chunked body without trailers, once its last chunk has begun.
/// Source: RFC 9112, section 7.1.
fn chunked_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = at + find(bytes.get(at..)?, b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        at = line + 2 + size + 2;
        if size == 0 {
            return Some(at);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
