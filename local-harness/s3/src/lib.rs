//! An S3 server for tests and development.
//!
#![doc = include_str!("../README.md")]

mod auth;
mod blocking;
mod body;
mod checksums;
mod conditions;
mod connection;
mod cors;
mod description;
mod errors;
mod files;
mod intake;
mod locks;
mod names;
mod notify;
mod paging;
mod post;
mod preflight;
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

use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Sender, UnboundedSender};
use tokio::task::AbortHandle;

use auth::Keys;
pub use auth::WrongKey;
use connection::Router;
pub use loopback::Access;
pub use notify::Notification;
pub use post::presigned::PostGrant;
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
    /// Which browsers' pages may use the server at all; a bucket's CORS rules come on top.
    pub access: Access,
    /// Hears of requests that were signed with other keys. What it has no room for is not said.
    pub wrong_keys: Option<Sender<WrongKey>>,
}

/// A running S3 server; it stops when this is dropped.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    keys: Keys,
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
        let keys = Keys { access_key: options.access_key, secret_key: options.secret_key };
        let router =
            Router::new(Arc::clone(&store), options.access, keys.clone(), options.wrong_keys);
        let accepting = tokio::spawn(connection::accept(listener, router)).abort_handle();
        Ok(Self { endpoint, keys, store, accepting })
    }

    /// The address for clients, such as `http://127.0.0.1:9000`; they must use path style.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The fields of a form that uploads one object. The form goes to the endpoint with the
    /// bucket's name as path, and has the file as its last field.
    pub fn presigned_post(&self, grant: &PostGrant<'_>) -> Vec<(&'static str, String)> {
        let signer = (&self.keys, self.store.notifier.region());
        post::presigned::fields(grant, signer, OffsetDateTime::now_utc())
    }

    /// Lets anyone read the objects of these buckets without a signature, and of no others.
    pub fn set_public_read(&self, buckets: &[String]) {
        self.store.publish(buckets);
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.store.close();
    }
}
