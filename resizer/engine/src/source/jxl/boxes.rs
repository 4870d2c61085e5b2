//! The boxes of a JPEG XL file: its code stream, in one piece, and its metadata. A file may be a
//! bare code stream.
//! Source: ISO/IEC 18181-2, 9.

use std::borrow::Cow;

use brotli_decompressor::reader::Decompressor;

/// How a file with boxes begins.
const SIGNATURE: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";

/// EXIF and XMP that are longer when decompressed are dropped.
const MAX_METADATA_BYTES: usize = 1 << 20;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Boxes<'a> {
    pub(super) code_stream: Cow<'a, [u8]>,
    /// From its TIFF header on.
    pub(super) exif: Option<Cow<'a, [u8]>>,
    pub(super) xmp: Option<Cow<'a, [u8]>>,
    pub(super) has_compressed: bool,
    /// Whether there was a box of EXIF and of XMP, whatever is in it: only the first is unpacked.
    has_metadata: [bool; 2],
}

impl<'a> Boxes<'a> {
    /// Stops where a box is truncated or its length makes no sense; of several boxes of metadata of
    /// one kind, the first counts.
    pub(super) fn read(file: &'a [u8]) -> Self {
        if !file.starts_with(SIGNATURE) {
            return Self::new(Cow::Borrowed(file));
        }
        let mut boxes = Self::new(Cow::default());
        let mut parts: Vec<(u32, &[u8])> = Vec::new();
        let mut rest = file;
        while let Some((name, body, behind)) = next_box(rest) {
            rest = behind;
            match &name {
                b"jxlc" => parts.push((0, body)),
                b"jxlp" => {
                    if let Some((&index, part)) = body.split_first_chunk() {
                        // The highest bit marks the last part.
                        parts.push((u32::from_be_bytes(index) & 0x7fff_ffff, part));
                    }
                }
                b"brob" => boxes.take_compressed(body),
                _ => boxes.take(name, || Some(Cow::Borrowed(body))),
            }
        }
        parts.sort_by_key(|&(index, _)| index);
        boxes.code_stream = match &parts[..] {
            &[(_, only)] => Cow::Borrowed(only),
            parts => Cow::Owned(parts.iter().flat_map(|&(_, part)| part).copied().collect()),
        };
        boxes
    }

    fn new(code_stream: Cow<'a, [u8]>) -> Self {
        let (exif, xmp) = (None, None);
        Self { code_stream, exif, xmp, has_compressed: false, has_metadata: [false; 2] }
    }

    /// What does not lie in the file as it is.
    pub(super) fn owned_bytes(&self) -> u64 {
        let all = [Some(&self.code_stream), self.exif.as_ref(), self.xmp.as_ref()];
        let owned = all.into_iter().flatten().filter(|bytes| matches!(bytes, Cow::Owned(_)));
        owned.map(|bytes| bytes.len() as u64).sum()
    }

    fn take_compressed(&mut self, body: &'a [u8]) {
        let Some((&name, compressed)) = body.split_first_chunk() else { return };
        if matches!(&name, b"Exif" | b"xml ") {
            self.has_compressed = true;
            self.take(name, || Some(Cow::Owned(decompressed(compressed)?)));
        }
    }

    fn take(&mut self, name: [u8; 4], body: impl FnOnce() -> Option<Cow<'a, [u8]>>) {
        let [has_exif, has_xmp] = &mut self.has_metadata;
        match &name {
            b"Exif" if !std::mem::replace(has_exif, true) => {
                self.exif = body().and_then(from_tiff_header);
            }
            b"xml " if !std::mem::replace(has_xmp, true) => self.xmp = body(),
            _ => {}
        }
    }
}

/// Its name, what is in it, and what is behind it; a body that is truncated is what is there.
fn next_box(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let (&length, rest) = bytes.split_first_chunk::<4>()?;
    let (&name, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = match u32::from_be_bytes(length) {
        0 => (u64::MAX, rest),
        1 => {
            let (&length, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(length).checked_sub(16)?, rest)
        }
        length => (u64::from(length).checked_sub(8)?, rest),
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
    let (body, behind) = rest.split_at(length);
    Some((name, body, behind))
}

/// The box begins with the number of bytes before the TIFF header.
fn from_tiff_header(body: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    let (&before, _) = body.split_first_chunk::<4>()?;
    let start = usize::try_from(u32::from_be_bytes(before)).ok()?.checked_add(4)?;
    match body {
        Cow::Borrowed(body) => body.get(start..).map(Cow::Borrowed),
        Cow::Owned(body) => body.get(start..).map(|exif| Cow::Owned(exif.to_vec())),
    }
}

/// `None` where it is damaged or too long.
fn decompressed(compressed: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut out = Vec::new();
    let most = MAX_METADATA_BYTES as u64;
    Decompressor::new(compressed, 4096).take(most + 1).read_to_end(&mut out).ok()?;
    (out.len() <= MAX_METADATA_BYTES).then_some(out)
}
