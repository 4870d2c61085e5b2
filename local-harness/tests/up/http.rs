//! Plain HTTP as a browser speaks it, with the headers that a browser would add.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub(crate) use crate::wire::Answer;
use crate::wire::answered;

/// Sends `METHOD /path` with these headers, and Host unless it is one of them.
pub(crate) async fn send(
    address: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request += &format!("Host: {address}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the server reads the head");
    // A server that refuses a request may end the connection before it has read the body.
    let _ = stream.write_all(body).await;
    answered(stream).await
}
