//! An S3 server for tests and development.
//!
#![doc = include_str!("../README.md")]

mod auth;
mod blocking;
mod body;
mod checksums;
mod conditions;
mod connection;
mod description;
mod errors;
mod files;
mod intake;
mod locks;
mod names;
mod notify;
mod paging;
mod post;
mod records;
mod request;
mod sequencer;
mod service;
mod single_upload;
mod store;
mod urls;
mod version_id;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use connection::Router;
pub use notify::Notification;
use store::Store;
pub use urls::form_decode;

/// What an S3 server needs to know.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// Where buckets and objects are kept; created if need be, for one server at a time.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// The region that buckets and notifications name, such as `eu-west-1`.
    pub region: String,
    /// The one access key whose signatures are taken.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
}

/// A running S3 server; it stops when this is dropped.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    store: Arc<Store>,
    accepting: AbortHandle,
}

impl S3Server {
    /// Opens the data directory and starts to serve it.
    ///
    /// Notifications are sent after their write is durable, in order for each key. Those that
    /// were not [delivered](Notification::delivered) when the last server ended are sent first.
    ///
    /// # Errors
    /// The address is taken; the data directory cannot be used, is damaged (`InvalidData`) or is
    /// served by another process (`ResourceBusy`).
    pub async fn start(
        options: S3Options,
        notifications: UnboundedSender<Notification>,
    ) -> io::Result<Self> {
        let (data_dir, region) = (options.data_dir, options.region);
        let opening = tokio::task::spawn_blocking(|| Store::open(data_dir, region, notifications));
        let store = Arc::new(opening.await.map_err(io::Error::other)??);
        let listener = TcpListener::bind(options.address).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let router = Router::new(Arc::clone(&store), options.access_key, options.secret_key);
        let accepting = tokio::spawn(connection::accept(listener, router)).abort_handle();
        Ok(Self { endpoint, store, accepting })
    }

    /// The address for clients, such as `http://127.0.0.1:9000`; they must use path style.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.store.close();
    }
}
