//! Whose signatures are taken.

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

/// The one pair of keys that requests are signed with.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            return Ok(self.secret_key.clone().into());
        }
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        Err(s3_error!(InvalidAccessKeyId, "{message}"))
    }
}
