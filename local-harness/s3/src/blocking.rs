//! The bridge from async requests to the file system's blocking calls.

use std::io;

use super::errors::StoreError;

/// Runs blocking work on a thread for that. It runs to its end even if the request is dropped.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) => Err(StoreError::Disk(io::Error::other(stopped))),
    }
}
