//! HTTP by hand, so that a test sees exactly what is sent and answered.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A POST request.
pub(crate) struct Post<'a> {
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Post<'_> {
    pub(crate) fn text(&self) -> String {
        let Self { path, headers, body } = self;
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\
             content-type: application/json\r\n{headers}\r\n{body}"
        )
    }

    pub(crate) async fn send(&self, address: &str) -> Answer {
        raw(address, &self.text()).await
    }

    /// The same for a server that may be killed meanwhile.
    pub(crate) async fn try_send(&self, address: &str) -> io::Result<Answer> {
        try_raw(address, &self.text()).await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// Sends a request that asks for the connection to be closed, and reads the answer.
pub(crate) async fn raw(address: &str, request: &str) -> Answer {
    try_raw(address, request).await.expect("it answers")
}

async fn try_raw(address: &str, request: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    // A request that is refused early is not read to its end.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        answer.extend_from_slice(&buffer[..count]);
    }
    let answer = String::from_utf8(answer).expect("UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}
