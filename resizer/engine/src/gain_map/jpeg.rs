//! The gain map of a JPEG: a JPEG behind the picture's own end, where the multi-picture index, the
//! directory in XMP, or nothing but its place says that it is.

use resizer_jpeg::Header;

use super::{GainMap, GainMapOutcome, apple, iso, multi_picture, xmp};
use crate::source::Source;

/// The map, or why it cannot go along; `None` where the file says nothing of one.
pub(super) fn find<'a>(
    picture: &Source<'a>,
    header: &Header<'a>,
) -> Option<Result<GainMap<'a>, GainMapOutcome>> {
    let file = picture.bytes();
    let own_xmp = header.xmp();
    let is_announced =
        own_xmp.is_some_and(xmp::announces) || header.app2_segments(iso::SEGMENT).next().is_some();
    // Where it may begin. What lies within the picture is none: that would be the picture again.
    let indexed = header.app2_segments(multi_picture::NAME).next();
    let indexed = indexed.map(|(start, body)| multi_picture::read(start, body));
    let end = header.length_bytes;
    let listed = own_xmp.and_then(xmp::map_offset).and_then(|offset| end.checked_add(offset));
    let starts = indexed.into_iter().flatten().chain(listed).chain([end]);
    for start in starts.filter(|start| *start >= end) {
        let Some(rest) = file.get(start..).filter(|rest| rest.starts_with(&[0xff, 0xd8])) else {
            continue;
        };
        let Ok(source) = Source::parse(rest) else { continue };
        // The map lies as the picture does, whatever its own EXIF says.
        let source = source.oriented(picture.orientation());
        if let Some(map) = map(picture, source, is_announced) {
            return Some(map);
        }
    }
    is_announced.then_some(Err(GainMapOutcome::Damaged))
}

/// The picture of a file as a gain map; `None` where it is something else, such as a preview.
fn map<'a>(
    picture: &Source<'a>,
    source: Source<'a>,
    is_announced: bool,
) -> Option<Result<GainMap<'a>, GainMapOutcome>> {
    let header = source.jpeg_header()?;
    let (iso, own_xmp) = (header.app2_segments(iso::SEGMENT).next(), header.xmp());
    let is_adobe = own_xmp.is_some_and(xmp::announces);
    if iso.is_none() && !is_adobe {
        let is_apple = own_xmp.is_some_and(xmp::is_apple);
        return is_apple.then(|| apple::map(picture, source, own_xmp));
    }
    let binary = iso.and_then(|(_, body)| iso::read(body));
    let parameters = binary.or_else(|| own_xmp.and_then(xmp::read));
    match parameters {
        Some(parameters) => Some(Ok(GainMap { source, parameters, shares: None })),
        None => is_announced.then_some(Err(GainMapOutcome::Damaged)),
    }
}
