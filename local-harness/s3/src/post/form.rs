//! `multipart/form-data`, read as it arrives: part after part, each in chunks.
//! Source: RFC 7578, RFC 2046 section 5.1.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Body;
use hyper::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use s3s::{S3Error, S3Result, s3_error};

use crate::intake::broken_body;

/// The most bytes that the head of one part may have.
const MAX_HEAD_BYTES: usize = 8 << 10;

/// A form being read.
#[derive(Debug)]
pub(super) struct FormReader<B> {
    body: B,
    buffer: BytesMut,
    /// A line break, two dashes and the boundary.
    delimiter: Vec<u8>,
}

/// What a part says about itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
}

/// The boundary that the request's Content-Type names.
pub(super) fn boundary(headers: &HeaderMap) -> S3Result<String> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    parameter(kind, "boundary").filter(|boundary| !boundary.is_empty()).ok_or_else(malformed)
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> FormReader<B> {
    pub(super) fn new(body: B, boundary: String) -> Self {
        // The line break before the first delimiter may be missing; with this it never is.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        Self { body, buffer, delimiter: format!("\r\n--{boundary}").into_bytes() }
    }

    /// The next part's head; what was left of the part before is skipped.
    pub(super) async fn next_part(&mut self) -> S3Result<Option<PartHead>> {
        while self.next_chunk().await?.is_some() {}
        while self.buffer.len() < self.delimiter.len() + 2 {
            self.fill().await?;
        }
        let _ = self.buffer.split_to(self.delimiter.len());
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(malformed());
            }
            self.fill().await?;
        };
        let head = self.buffer.split_to(end + 4);
        part_head(&String::from_utf8_lossy(&head)).map(Some)
    }

    /// The next bytes of the part, or nothing at its end.
    pub(super) async fn next_chunk(&mut self) -> S3Result<Option<Bytes>> {
        loop {
            // What could be the start of a delimiter has to wait for the bytes after it.
            let certain = match find(&self.buffer, &self.delimiter) {
                Some(0) => return Ok(None),
                Some(at) => at,
                None => self.buffer.len().saturating_sub(self.delimiter.len() - 1),
            };
            if certain > 0 {
                return Ok(Some(self.buffer.split_to(certain).freeze()));
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> S3Result<()> {
        match self.body.frame().await {
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    self.buffer.extend_from_slice(&bytes);
                }
                Ok(())
            }
            Some(Err(error)) => Err(broken_body(Box::new(error))),
            None => Err(malformed()),
        }
    }
}

fn malformed() -> S3Error {
    s3_error!(
        MalformedPOSTRequest,
        "The body of your POST request is not well-formed multipart/form-data."
    )
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let at = from + haystack.get(from..)?.iter().position(|byte| *byte == first)?;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn part_head(head: &str) -> S3Result<PartHead> {
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value.trim())
    });
    let disposition = disposition.ok_or_else(malformed)?;
    let name = parameter(disposition, "name").ok_or_else(malformed)?;
    let extended = parameter(disposition, "filename*").and_then(|value| {
        let (_, encoded) = value.split_once("''")?;
        Some(percent_decode_str(encoded).decode_utf8_lossy().into_owned())
    });
    let file_name = extended.or_else(|| parameter(disposition, "filename"));
    Ok(PartHead { name, file_name })
}

/// A parameter of a header's value, such as `name` in `form-data; name="key"`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (content, remaining) = match after.strip_prefix('"') {
            Some(quoted) => {
                let mut content = String::new();
                let mut characters = quoted.char_indices().peekable();
                loop {
                    match characters.next()? {
                        (_, '\\') if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                            content.extend(characters.next().map(|(_, escaped)| escaped));
                        }
                        (end, '"') => break (content, &quoted[end + 1..]),
                        (_, other) => content.push(other),
                    }
                }
            }
            None => {
                let (content, remaining) = after.split_once(';').unwrap_or((after, ""));
                (content.trim().to_owned(), remaining)
            }
        };
        if name.trim_matches([' ', ';']).eq_ignore_ascii_case(wanted) {
            return Some(content);
        }
        rest = remaining;
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::{FormReader, PartHead, parameter};

    async fn parts(form: &str, chunk_bytes: usize) -> Vec<(PartHead, String)> {
        let chunks: Vec<_> = form
            .as_bytes()
            .chunks(chunk_bytes)
            .map(|chunk| Ok(Frame::data(Bytes::copy_from_slice(chunk))))
            .collect();
        let mut reader = FormReader::new(StreamBody::new(stream::iter(chunks)), "b".to_owned());
        let mut parts = Vec::new();
        while let Some(head) = reader.next_part().await.unwrap() {
            let mut content = Vec::new();
            while let Some(chunk) = reader.next_chunk().await.unwrap() {
                content.extend_from_slice(&chunk);
            }
            parts.push((head, String::from_utf8(content).unwrap()));
        }
        parts
    }

    #[tokio::test]
    async fn parts_are_the_same_however_the_bytes_arrive() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n\r\na\r\n--\r\n\
                    --b\r\ncontent-disposition: form-data; name=\"file\"; \
                    filename=\"a \\\"b\\\";c.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\
                    \r\r\n--\r\n--B\r\n\r\n--b--\r\n";
        let whole = parts(form, form.len()).await;
        assert_eq!(whole.len(), 2);
        assert_eq!(whole[0].1, "\r\na\r\n--");
        assert_eq!(whole[1].0.file_name.as_deref(), Some("a \"b\";c.jpg"));
        assert_eq!(whole[1].1, "\r\r\n--\r\n--B\r\n");
        for chunk_bytes in 1..40 {
            assert_eq!(parts(form, chunk_bytes).await, whole, "in chunks of {chunk_bytes}");
        }
    }

    #[test]
    fn parameters_are_found_in_any_order_and_quoting() {
        let header = "form-data; filename=\"C:\\dir\\x.jpg\"; name=key ; filename*=UTF-8''%C3%BC";
        assert_eq!(parameter(header, "name").unwrap(), "key");
        assert_eq!(parameter(header, "filename").unwrap(), "C:\\dir\\x.jpg");
        assert_eq!(parameter(header, "filename*").unwrap(), "UTF-8''%C3%BC");
        assert_eq!(parameter(header, "boundary"), None);
        assert_eq!(parameter("form-data; name=\"open", "name"), None);
    }
}
