//! The signature over a form's policy, in version 4 and the older version 2, which boto3 still
//! makes by default for some regions.
//! Source: Amazon S3 API Reference, "Calculating a signature"; RFC 2104.

use base64_simd::STANDARD as BASE64;
use s3s::crypto::{Checksum, Sha1, Sha256};
use s3s::post_policy::PostPolicy;
use s3s::{S3Result, s3_error};

use super::fields::Fields;
use crate::auth::{Keys, SIGNATURE_MESSAGE};
use crate::names::hex;

/// The block size of both hash functions.
const BLOCK_BYTES: usize = 64;

/// Checks the signature of the policy and returns the policy.
///
/// Errors: `AccessDenied` without a signature, `InvalidAccessKeyId`, `SignatureDoesNotMatch`,
/// `InvalidPolicyDocument`.
pub(super) fn check(fields: &Fields, keys: &Keys) -> S3Result<PostPolicy> {
    let Some(policy) = fields.get("policy") else {
        return Err(s3_error!(AccessDenied, "Access Denied"));
    };
    let (access_key, given, computed) = match fields.get("x-amz-signature") {
        Some(given) => {
            let Some(scope) = fields.get("x-amz-credential").and_then(Scope::parse) else {
                let message = "The field X-Amz-Credential is malformed.";
                return Err(s3_error!(InvalidArgument, "{message}"));
            };
            if fields.get("x-amz-algorithm") != Some("AWS4-HMAC-SHA256") {
                let message = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";
                return Err(s3_error!(InvalidArgument, "{message}"));
            }
            (scope.access_key, given, scope.sign(&keys.secret_key, policy))
        }
        None => {
            let (Some(access_key), Some(given)) =
                (fields.get("awsaccesskeyid"), fields.get("signature"))
            else {
                return Err(s3_error!(AccessDenied, "Access Denied"));
            };
            let digest = hmac::<Sha1>(keys.secret_key.as_bytes(), policy.as_bytes());
            (access_key, given, BASE64.encode_to_string(digest))
        }
    };
    if access_key != keys.access_key {
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        return Err(s3_error!(InvalidAccessKeyId, "{message}"));
    }
    if !same(given, &computed) {
        return Err(s3_error!(SignatureDoesNotMatch, "{SIGNATURE_MESSAGE}"));
    }
    PostPolicy::from_base64(policy).map_err(|error| {
        s3_error!(error, InvalidPolicyDocument, "Invalid Policy: it cannot be read.")
    })
}

/// The credential scope of version 4: `KEY/DATE/REGION/SERVICE/aws4_request`.
pub(super) struct Scope<'a> {
    access_key: &'a str,
    parts: [&'a str; 4],
}

impl<'a> Scope<'a> {
    pub(super) fn parse(credential: &'a str) -> Option<Self> {
        let mut from_end = credential.rsplitn(5, '/');
        let mut parts = [""; 4];
        for part in parts.iter_mut().rev() {
            *part = from_end.next()?;
        }
        Some(Self { access_key: from_end.next()?, parts })
    }

    pub(super) fn sign(&self, secret_key: &str, policy: &str) -> String {
        let secret = format!("AWS4{secret_key}").into_bytes();
        let key = self
            .parts
            .iter()
            .fold(secret, |key, part| hmac::<Sha256>(&key, part.as_bytes()).to_vec());
        hex(&hmac::<Sha256>(&key, policy.as_bytes()))
    }
}

fn hmac<H: Checksum>(key: &[u8], message: &[u8]) -> H::Output {
    let mut block = [0; BLOCK_BYTES];
    if key.len() > BLOCK_BYTES {
        let digest = H::checksum(key);
        block[..digest.as_ref().len()].copy_from_slice(digest.as_ref());
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let digest = |pad: u8, parts: &[&[u8]]| {
        let mut hasher = H::new();
        hasher.update(&block.map(|byte| byte ^ pad));
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finalize()
    };
    digest(0x5c, &[digest(0x36, &[message]).as_ref()])
}

/// Compares in constant time.
fn same(a: &str, b: &str) -> bool {
    let differences = a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    a.len() == b.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use s3s::crypto::{Sha1, Sha256};

    use super::{Scope, hmac, same};
    use crate::names::hex;

    #[test]
    fn hmac_is_that_of_rfc_2202_and_4231() {
        let (key, text) = (b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(&hmac::<Sha1>(key, text)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            hex(&hmac::<Sha256>(key, text)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(&hmac::<Sha256>(&[0xaa; 131], text)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn a_scope_is_read_from_its_end() {
        let scope = Scope::parse("a/key/20240101/eu-west-1/s3/aws4_request").unwrap();
        assert_eq!(scope.access_key, "a/key");
        assert_eq!(scope.parts, ["20240101", "eu-west-1", "s3", "aws4_request"]);
        assert!(Scope::parse("20240101/eu-west-1/s3/aws4_request").is_none());
    }

    #[test]
    fn comparison_needs_the_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
