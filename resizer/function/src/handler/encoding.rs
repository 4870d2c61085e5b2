//! The Content-Encoding of an object undone before anything looks at its bytes: gzip, within the
//! limits of a source. What begins as an image is one, whatever is said of it.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use resizer_engine::format::ImageFormat;

use super::Upload;
use crate::budget::Room;
use crate::error::Fault;
use crate::refusal::Refusal;
use crate::store::SourceObject;

/// The first two bytes of RFC 1952.
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// What became of bytes that were unpacked.
enum Unpacked {
    Whole(Vec<u8>),
    /// More than there is room for.
    TooMuch,
    /// In the words of the decoder.
    Broken(String),
}

impl Upload<'_> {
    /// The source without its encoding, or `None` when it takes more room than there is.
    pub(super) async fn without_encoding(
        &self,
        mut source: SourceObject,
        room: Room,
    ) -> Result<(Option<SourceObject>, Room), Fault> {
        let (Some(encoding), Ok(bytes)) = (source.encoding.clone(), &source.content) else {
            return Ok((Some(source), room));
        };
        if bytes.is_empty() || ImageFormat::sniff(bytes).is_ok() {
            return Ok((Some(source), room));
        }
        let refused = |problem: String| Refusal::ContentEncoding { encoding, problem };
        if !is_gzip(source.encoding.as_deref().unwrap_or_default()) {
            let problem = "is not undone here; upload the image without an encoding, or with gzip";
            source.content = Err(refused(problem.to_owned()));
            return Ok((Some(source), room));
        }
        if !bytes.starts_with(GZIP_MAGIC) {
            return Ok((Some(source), room));
        }
        let max_bytes = self.app.config.max_source_bytes;
        let free_bytes = room.bytes().saturating_sub(bytes.len() as u64);
        let limit = max_bytes.min(free_bytes);
        let packed = std::mem::replace(&mut source.content, Ok(Vec::new()));
        // With its room, which stays taken should the deadline come first.
        let unpacking = tokio::task::spawn_blocking(move || {
            (packed.map(|packed| unpack(&packed, limit)), room)
        });
        let (unpacked, room) = match unpacking.await {
            Ok(ended) => ended,
            Err(error) => {
                source.content = Err(self.crashed(error)?);
                return Ok((Some(source), self.app.budget.room(self.terms.share).await));
            }
        };
        source.content = match unpacked {
            Ok(Unpacked::Whole(bytes)) => Ok(bytes),
            Ok(Unpacked::TooMuch) if limit < max_bytes && !self.app.budget.is_all(&room) => {
                return Ok((None, room));
            }
            Ok(Unpacked::TooMuch) => Err(refused(format!(
                "unpacks to more than the {limit} bytes that are accepted; upload a smaller image"
            ))),
            Ok(Unpacked::Broken(reason)) => {
                Err(refused(format!("cannot be undone: {reason}; upload the image again")))
            }
            Err(refusal) => Err(refusal),
        };
        Ok((Some(source), room))
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
