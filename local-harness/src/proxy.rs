//! A proxy in front of S3 that injects faults: missing responses, truncated or corrupted bodies,
//! error responses, and kills of the client.
//! In: the address of S3, and a plan of faults. Out: an endpoint, and counts. Knows HTTP and no S3.

mod injection;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

pub use injection::{Counts, FAULT_KINDS, FaultInjector, FaultKind, FaultPlan, MAX_LATENESS};
use wire::{Message, Wire};

/// The time between two bytes of a slow body.
const DRIP: Duration = Duration::from_secs(1);

/// A running proxy; it stops when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    endpoint: String,
    s3: SocketAddr,
    injector: Arc<FaultInjector>,
    accepting: AbortHandle,
}

impl Proxy {
    /// Listens on a loopback port that the system chooses, in front of `s3`.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start(s3: SocketAddr, injector: Arc<FaultInjector>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let accepting = tokio::spawn(accept(listener, s3, Arc::clone(&injector))).abort_handle();
        Ok(Self { endpoint, s3, injector, accepting })
    }

    /// The address for clients.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Sends the late requests that were kept, one after the other. Returns their number.
    ///
    /// # Errors
    /// Where S3 does not answer.
    pub async fn release(&self) -> io::Result<usize> {
        let late = self.injector.release();
        let count = late.len();
        for request in late {
            carry_out(self.s3, request, Duration::ZERO).await?;
        }
        Ok(count)
    }

    /// How often each kind of fault was injected so far.
    pub fn counts(&self) -> Counts {
        self.injector.counts()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, s3: SocketAddr, injector: Arc<FaultInjector>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let injector = Arc::clone(&injector);
            // A broken connection concerns its client only.
            connections.spawn(async move { drop(serve(stream, s3, &injector).await) });
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Forwards one request after the other, each with its fault if it has one.
async fn serve(client: TcpStream, s3: SocketAddr, injector: &FaultInjector) -> io::Result<()> {
    let mut client = Wire::new(client);
    let mut server = Wire::new(TcpStream::connect(s3).await?);
    while let Some(mut request) = client.request().await? {
        let kind = injector.next(&request);
        if let Some(instead) = kind.and_then(|kind| kind.instead(&request)) {
            client.send(instead.as_bytes()).await?;
            continue;
        }
        match kind {
            Some(FaultKind::NoAnswer) => return client.wait_until_closed().await,
            Some(FaultKind::ResetBefore) => return client.reset(),
            Some(FaultKind::Held) => injector.hold().await,
            Some(FaultKind::Late) => {
                if let Some((request, after)) = injector.keep(request) {
                    tokio::spawn(async move { drop(carry_out(s3, request, after).await) });
                }
                return client.wait_until_closed().await;
            }
            Some(FaultKind::KillBefore) => {
                injector.kill();
                return client.wait_until_closed().await;
            }
            Some(FaultKind::FlippedUpload) => request.flip_byte(),
            _ => {}
        }
        server.send(&request.bytes()).await?;
        let mut answer = server.answer(&request).await?;
        match kind {
            Some(FaultKind::AnswerLost) => return client.reset(),
            Some(FaultKind::KillAfter) => {
                injector.kill();
                return client.wait_until_closed().await;
            }
            Some(FaultKind::FlippedByte) => answer.flip_byte(),
            Some(FaultKind::WrongChecksum) => answer.corrupt_checksum(),
            Some(FaultKind::LengthTooLong) => answer.announce(7),
            Some(FaultKind::LengthTooShort) => answer.announce(-1),
            _ => {}
        }
        // The server closes its connection after such a request, and so does this one.
        if !deliver(&mut client, &answer, kind).await? || request.is_last() {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends a request without its client.
async fn carry_out(s3: SocketAddr, request: Message, after: Duration) -> io::Result<()> {
    tokio::time::sleep(after).await;
    let mut server = Wire::new(TcpStream::connect(s3).await?);
    server.send(&request.bytes()).await?;
    server.answer(&request).await.map(drop)
}

/// Sends the response to the client, with its fault. False when the connection has ended.
async fn deliver(client: &mut Wire, answer: &Message, kind: Option<FaultKind>) -> io::Result<bool> {
    let bytes = answer.bytes();
    let half = bytes.len() - answer.body().len() / 2;
    match kind {
        Some(FaultKind::StallWithin) => {
            client.send(&bytes[..half]).await?;
            client.wait_until_closed().await?;
        }
        Some(FaultKind::Drip) => {
            let head = bytes.len() - answer.body().len();
            client.send(&bytes[..head]).await?;
            for byte in answer.body() {
                client.send(&[*byte]).await?;
                tokio::time::sleep(DRIP).await;
            }
        }
        Some(FaultKind::ResetWithin) => {
            client.send(&bytes[..half]).await?;
            client.reset()?;
        }
        Some(FaultKind::ResetAfter) => {
            client.send(&bytes).await?;
            client.reset()?;
        }
        Some(FaultKind::EndsEarly) => client.send(&bytes[..half]).await?,
        Some(FaultKind::LengthTooLong | FaultKind::LengthTooShort) => client.send(&bytes).await?,
        _ => {
            client.send(&bytes).await?;
            return Ok(true);
        }
    }
    Ok(false)
}
