//! What a request claims about its body (Content-MD5, checksum headers and trailers), and the
//! comparison with what arrived.

use base64_simd::STANDARD as BASE64;
use hyper::HeaderMap;
use s3s::dto::{Checksum, ChecksumAlgorithm};
use s3s::{S3Result, TrailingHeaders, s3_error};

use super::Received;
use crate::checksums::Algorithm;

/// The claims of one upload.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// Base64.
    pub(crate) content_md5: Option<String>,
    /// The checksum headers.
    pub(crate) headers: Checksum,
    trailer: Option<(Algorithm, Option<TrailingHeaders>)>,
    named: Option<Algorithm>,
}

impl Claims {
    /// Claims made by MD5 and by checksum headers.
    pub(crate) fn new(content_md5: Option<String>, headers: Checksum) -> Self {
        Self { content_md5, headers, ..Self::default() }
    }

    /// Adds the algorithm of `x-amz-sdk-checksum-algorithm` and the announced trailer.
    pub(crate) fn with_request(
        mut self,
        named: Option<&ChecksumAlgorithm>,
        headers: &HeaderMap,
        trailing: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        self.named = named.map(|name| Algorithm::parse(name.as_str())).transpose()?;
        let announced = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok());
        let mut algorithms = announced.unwrap_or_default().split(',').map(Algorithm::of_header);
        self.trailer = algorithms.find_map(|found| found).map(|algorithm| (algorithm, trailing));
        Ok(self)
    }

    /// The algorithm that the client chose, if it chose one.
    pub(crate) fn algorithm(&self) -> S3Result<Option<Algorithm>> {
        let header = Algorithm::only_one_in(&self.headers)?;
        Ok(header.or(self.trailer.as_ref().map(|(algorithm, _)| *algorithm)).or(self.named))
    }

    /// Compares the claims with the body; all claimed algorithms must have been computed.
    ///
    /// Errors: `InvalidDigest`, `InvalidRequest`, `BadDigest`.
    pub(crate) fn verify(&self, received: &Received) -> S3Result<()> {
        if let Some(claimed) = &self.content_md5 {
            let Some(digest) = BASE64.decode_to_vec(claimed).ok().filter(|d| d.len() == 16) else {
                let message = "The Content-MD5 you specified was invalid.";
                return Err(s3_error!(InvalidDigest, "{message}"));
            };
            if digest != received.md5 {
                let message = "The Content-MD5 you specified did not match what we received.";
                return Err(s3_error!(BadDigest, "{message}"));
            }
        }
        if let Some(algorithm) = Algorithm::only_one_in(&self.headers)? {
            let claimed = algorithm.value_in(&self.headers).unwrap_or_default();
            algorithm.verify(claimed, &received.sums)?;
        }
        if let Some((algorithm, trailing)) = &self.trailer {
            let name = algorithm.header();
            let claimed = trailing.as_ref().and_then(|trailing| {
                trailing.read(|all| all.get(&name)?.to_str().ok().map(str::to_owned)).flatten()
            });
            let Some(claimed) = claimed else {
                return Err(s3_error!(InvalidRequest, "The trailer {name} did not arrive."));
            };
            algorithm.verify(&claimed, &received.sums)?;
        }
        Ok(())
    }
}
