//! The ids of a request, and its source address.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use base64_simd::STANDARD as BASE64;
use s3s::S3Request;

/// The identity of one request, in the answer's headers and in notifications.
#[derive(Clone, Debug)]
pub(crate) struct RequestInfo {
    /// Sixteen characters of upper-case hex, the `x-amz-request-id`.
    pub(crate) request_id: String,
    /// Base64, the `x-amz-id-2`.
    pub(crate) host_id: String,
    pub(crate) source_ip: IpAddr,
}

impl RequestInfo {
    /// Fresh ids for a request from `source_ip`.
    pub(crate) fn new(source_ip: IpAddr) -> Self {
        let host: Vec<u8> = (0..6).flat_map(|_| random().to_be_bytes()).collect();
        let host_id = BASE64.encode_to_string(host);
        Self { request_id: format!("{:016X}", random()), host_id, source_ip }
    }

    /// The identity that the connection gave to this request.
    pub(crate) fn of<T>(request: &S3Request<T>) -> Self {
        let info = request.extensions.get::<Self>();
        info.cloned().expect("the connection gives every request its ids")
    }
}

/// Random enough for ids: the standard library seeds every hasher's keys anew.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(0)
}
