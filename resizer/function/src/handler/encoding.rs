//! The Content-Encoding of an object undone before anything looks at its bytes: gzip, within the
//! limits of a source. What begins as an image is one, whatever is said of it.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use resizer_engine::ImageFormat;

use super::Upload;
use super::source::Setback;
use crate::budget::Memory;
use crate::refusal::Refusal;

/// The first two bytes of RFC 1952.
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// What became of bytes that were unpacked.
enum Unpacked {
    Whole(Vec<u8>),
    /// More than there is room for.
    TooMuch,
    /// With the decoder's message.
    Broken(String),
}

impl Upload<'_> {
    /// The bytes without their encoding, within `memory`.
    pub(super) async fn without_encoding(
        &self,
        bytes: Vec<u8>,
        encoding: Option<String>,
        memory: Memory,
    ) -> Result<(Vec<u8>, Memory), Setback> {
        let Some(encoding) = encoding else { return Ok((bytes, memory)) };
        if bytes.is_empty() || ImageFormat::sniff(&bytes).is_ok() {
            return Ok((bytes, memory));
        }
        let is_gzip = is_gzip(&encoding);
        let refused = |problem: String| Refusal::ContentEncoding { encoding, problem };
        if !is_gzip {
            let problem = "is not undone here; upload the image without an encoding, or with gzip";
            return Err(refused(problem.to_owned()).into());
        }
        if !bytes.starts_with(GZIP_MAGIC) {
            return Ok((bytes, memory));
        }
        let max_bytes = self.run.app.config.max_source_bytes;
        let free_bytes = memory.bytes().saturating_sub(bytes.len() as u64);
        let limit = max_bytes.min(free_bytes);
        // With its memory, which stays taken should the deadline come first.
        let unpacking = tokio::task::spawn_blocking(move || (unpack(&bytes, limit), memory));
        let (unpacked, memory) = match unpacking.await {
            Ok(ended) => ended,
            Err(error) => return Err(self.crashed(error)?.into()),
        };
        match unpacked {
            Unpacked::Whole(bytes) => Ok((bytes, memory)),
            Unpacked::TooMuch if limit < max_bytes && !memory.is_all() => {
                Err(Setback::NeedsAllMemory)
            }
            Unpacked::TooMuch => Err(refused(format!(
                "unpacks to more than the {limit} bytes that are accepted; upload a smaller image"
            ))
            .into()),
            Unpacked::Broken(reason) => {
                Err(refused(format!("cannot be undone: {reason}; upload the image again")).into())
            }
        }
    }
}

fn is_gzip(encoding: &str) -> bool {
    ["gzip", "x-gzip"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
}

/// Stops at the limit, however much more would come.
fn unpack(packed: &[u8], limit_bytes: u64) -> Unpacked {
    let mut bytes = Vec::new();
    let decoder = MultiGzDecoder::new(packed);
    match decoder.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > limit_bytes => Unpacked::TooMuch,
        Ok(_) => Unpacked::Whole(bytes),
        Err(error) => Unpacked::Broken(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{Unpacked, unpack};

    #[test]
    fn a_bomb_is_not_unpacked_beyond_the_limit() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            encoder.write_all(&[0; 1 << 20]).expect("memory takes everything");
        }
        let bomb = encoder.finish().expect("memory takes everything");
        assert!(bomb.len() < 1 << 17, "{} bytes", bomb.len());
        assert!(matches!(unpack(&bomb, 1 << 20), Unpacked::TooMuch));
        assert!(
            matches!(unpack(&bomb, 64 << 20), Unpacked::Whole(bytes) if bytes.len() == 64 << 20)
        );
        assert!(matches!(unpack(&bomb[..bomb.len() - 9], 64 << 20), Unpacked::Broken(_)));
    }
}
