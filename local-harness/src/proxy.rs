//! A proxy in front of S3 that makes trouble on request: answers that never come, bodies that break
//! off or differ, refusals without a reason, and the death of whoever asked.
//! In: where S3 is, and which trouble. Out: an endpoint, and counts. Knows HTTP and no S3.

mod trouble;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

pub use trouble::{Counts, KINDS, Kind, LATEST, Plan, Trouble};
use wire::{Message, Wire};

/// How slow a slow body is.
const DRIP: Duration = Duration::from_secs(1);

/// A running proxy; it stops when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    endpoint: String,
    s3: SocketAddr,
    trouble: Arc<Trouble>,
    accepting: AbortHandle,
}

impl Proxy {
    /// Listens on a loopback port that the system chooses, in front of `s3`.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start(s3: SocketAddr, trouble: Arc<Trouble>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let accepting = tokio::spawn(accept(listener, s3, Arc::clone(&trouble))).abort_handle();
        Ok(Self { endpoint, s3, trouble, accepting })
    }

    /// The address for clients.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Carries out the late requests that were kept, one after the other; says how many.
    ///
    /// # Errors
    /// Where S3 does not answer.
    pub async fn release(&self) -> io::Result<usize> {
        let late = self.trouble.release();
        let count = late.len();
        for request in late {
            carry_out(self.s3, request, Duration::ZERO).await?;
        }
        Ok(count)
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        self.trouble.counts()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, s3: SocketAddr, trouble: Arc<Trouble>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let trouble = Arc::clone(&trouble);
            // A connection that breaks off concerns its client only.
            connections.spawn(async move { drop(serve(stream, s3, &trouble).await) });
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Request after request, each passed on unless its trouble says otherwise.
async fn serve(client: TcpStream, s3: SocketAddr, trouble: &Trouble) -> io::Result<()> {
    let mut client = Wire::new(client);
    let mut server = Wire::new(TcpStream::connect(s3).await?);
    while let Some(mut request) = client.request().await? {
        let kind = trouble.next(&request);
        if let Some(instead) = kind.and_then(|kind| kind.instead(&request)) {
            client.send(instead.as_bytes()).await?;
            continue;
        }
        match kind {
            Some(Kind::NoAnswer) => return client.wait_until_closed().await,
            Some(Kind::ResetBefore) => return client.reset(),
            Some(Kind::Held) => trouble.hold().await,
            Some(Kind::Late) => {
                if let Some((request, after)) = trouble.keep(request) {
                    tokio::spawn(async move { drop(carry_out(s3, request, after).await) });
                }
                return client.wait_until_closed().await;
            }
            Some(Kind::KillBefore) => {
                trouble.kill();
                return client.wait_until_closed().await;
            }
            Some(Kind::FlippedUpload) => request.flip_byte(),
            _ => {}
        }
        server.send(&request.bytes()).await?;
        let mut answer = server.answer(&request).await?;
        match kind {
            Some(Kind::AnswerLost) => return client.reset(),
            Some(Kind::KillAfter) => {
                trouble.kill();
                return client.wait_until_closed().await;
            }
            Some(Kind::FlippedByte) => answer.flip_byte(),
            Some(Kind::WrongChecksum) => answer.spoil_checksum(),
            Some(Kind::LengthTooLong) => answer.announce(7),
            Some(Kind::LengthTooShort) => answer.announce(-1),
            _ => {}
        }
        if !deliver(&mut client, &answer, kind).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// A request that outlived its client.
async fn carry_out(s3: SocketAddr, request: Message, after: Duration) -> io::Result<()> {
    tokio::time::sleep(after).await;
    let mut server = Wire::new(TcpStream::connect(s3).await?);
    server.send(&request.bytes()).await?;
    server.answer(&request).await.map(drop)
}

/// The answer, as far as its trouble lets it. False when the connection has ended.
async fn deliver(client: &mut Wire, answer: &Message, kind: Option<Kind>) -> io::Result<bool> {
    let bytes = answer.bytes();
    let half = bytes.len() - answer.body().len() / 2;
    match kind {
        Some(Kind::StallWithin) => {
            client.send(&bytes[..half]).await?;
            client.wait_until_closed().await?;
        }
        Some(Kind::Drip) => {
            let head = bytes.len() - answer.body().len();
            client.send(&bytes[..head]).await?;
            for byte in answer.body() {
                client.send(&[*byte]).await?;
                tokio::time::sleep(DRIP).await;
            }
        }
        Some(Kind::ResetWithin) => {
            client.send(&bytes[..half]).await?;
            client.reset()?;
        }
        Some(Kind::ResetAfter) => {
            client.send(&bytes).await?;
            client.reset()?;
        }
        Some(Kind::EndsEarly) => client.send(&bytes[..half]).await?,
        Some(Kind::LengthTooLong | Kind::LengthTooShort) => client.send(&bytes).await?,
        _ => {
            client.send(&bytes).await?;
            return Ok(true);
        }
    }
    Ok(false)
}
