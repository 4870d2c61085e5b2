//! The AVIF file around coded pictures. Sources: ISO/IEC 14496-12 and 23008-12 for the boxes, and
//! the specification "AV1 Image File Format".

use crate::frame::Frame;
use crate::headers;
use crate::options::{ColorCode, EncodeOptions};
use crate::picture::Chroma;

/// A coded picture.
pub(crate) struct Coded {
    pub(crate) frame: Frame,
    /// The unit with the sequence header, which is also at the start of the data.
    pub(crate) sequence_header: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

const ALPHA_URN: &[u8] = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";

/// An item of the file. Its ID is its position, counted from 1.
struct Item<'a> {
    /// The type, and for some types the content type.
    kind: &'static [u8],
    /// What this item is to item 1, unless it is item 1.
    reference: Option<&'static [u8; 4]>,
    /// What comes before the data.
    prefix: &'static [u8],
    data: &'a [u8],
    /// The indexes of its properties, counted from 1.
    properties: Vec<u8>,
}

impl Item<'_> {
    fn size(&self) -> usize {
        self.prefix.len() + self.data.len()
    }
}

/// Writes a file with a picture, its alpha, and the metadata of the options.
pub(crate) fn write(color: &Coded, alpha: Option<&Coded>, options: &EncodeOptions<'_>) -> Vec<u8> {
    let mut properties = vec![size_property(&color.frame)];
    let mut add = |property: Vec<u8>, is_essential: bool| {
        properties.push(property);
        properties.len() as u8 | if is_essential { 0x80 } else { 0 }
    };
    let mut of_color = vec![1];
    of_color.push(add(channels_property(&color.frame), false));
    of_color.push(add(codec_property(color), true));
    if let Some(profile) = options.icc_profile {
        of_color.push(add(make_box(b"colr", &[b"prof", profile]), false));
    }
    of_color.push(add(color_property(color.frame.color), false));
    let item =
        |kind, reference, data| Item { kind, reference, prefix: b"", data, properties: Vec::new() };
    let mut items = vec![Item { properties: of_color, ..item(b"av01\0", None, &color.data) }];
    if let Some(alpha) = alpha {
        let mut of_alpha = vec![1];
        of_alpha.push(add(channels_property(&alpha.frame), false));
        of_alpha.push(add(codec_property(alpha), true));
        of_alpha.push(add(make_box(b"auxC", &[&[0; 4], ALPHA_URN]), true));
        let alpha = item(b"av01\0", Some(b"auxl"), &alpha.data[..]);
        items.push(Item { properties: of_alpha, ..alpha });
    }
    if let Some(exif) = options.exif {
        // The first four bytes are the offset of the TIFF header after them.
        items.push(Item { prefix: &[0; 4], ..item(b"Exif\0", Some(b"cdsc"), exif) });
    }
    if let Some(xmp) = options.xmp {
        items.push(item(b"mime\0application/rdf+xml\0", Some(b"cdsc"), xmp));
    }
    assemble(&color.frame, &items, &properties)
}

fn assemble(frame: &Frame, items: &[Item<'_>], properties: &[Vec<u8>]) -> Vec<u8> {
    let profile = if headers::profile(frame) == 0 { b"MA1B" } else { b"MA1A" };
    let brands = make_box(b"ftyp", &[b"avif", &[0; 4], b"avif", b"mif1", b"miaf", profile]);
    // The length of `meta` does not depend on the offset that it holds.
    let offset = brands.len() + meta(items, properties, 0).len() + 8;
    let mut file = brands;
    file.extend(meta(items, properties, offset));
    let data: Vec<&[u8]> = items.iter().flat_map(|item| [item.prefix, item.data]).collect();
    file.extend(make_box(b"mdat", &data));
    file
}

/// The box of everything but the data, whose first byte is at `offset`.
fn meta(items: &[Item<'_>], properties: &[Vec<u8>], offset: usize) -> Vec<u8> {
    let handler = make_box(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]);
    let primary = make_box(b"pitm", &[&[0; 4], &1u16.to_be_bytes()]);
    let mut parts = vec![handler, primary, locations(items, offset), kinds(items)];
    if items.len() > 1 {
        parts.push(references(items));
    }
    let container = make_box(b"ipco", &slices(properties));
    parts.push(make_box(b"iprp", &[&container, &associations(items)]));
    let mut content: Vec<&[u8]> = vec![&[0; 4]];
    content.extend(slices(&parts));
    make_box(b"meta", &content)
}

fn locations(items: &[Item<'_>], mut offset: usize) -> Vec<u8> {
    let mut content = vec![0, 0, 0, 0, 0x44, 0];
    content.extend((items.len() as u16).to_be_bytes());
    for (id, item) in (1u16..).zip(items) {
        content.extend(id.to_be_bytes());
        content.extend([0, 0, 0, 1]);
        content.extend((offset as u32).to_be_bytes());
        content.extend((item.size() as u32).to_be_bytes());
        offset += item.size();
    }
    make_box(b"iloc", &[&content])
}

fn kinds(items: &[Item<'_>]) -> Vec<u8> {
    let mut content = vec![0; 4];
    content.extend((items.len() as u16).to_be_bytes());
    for (id, item) in (1u16..).zip(items) {
        let (kind, rest) = item.kind.split_at(4);
        // Version 2, an ID, no protection, the type, an empty name, and a content type.
        content.extend(make_box(b"infe", &[&[2, 0, 0, 0], &id.to_be_bytes(), &[0; 2], kind, rest]));
    }
    make_box(b"iinf", &[&content])
}

fn references(items: &[Item<'_>]) -> Vec<u8> {
    let mut content = vec![0; 4];
    for (id, item) in (1u16..).zip(items) {
        if let Some(kind) = item.reference {
            content.extend(make_box(kind, &[&id.to_be_bytes(), &[0, 1, 0, 1]]));
        }
    }
    make_box(b"iref", &[&content])
}

fn associations(items: &[Item<'_>]) -> Vec<u8> {
    let with_properties = || (1u16..).zip(items).filter(|(_, item)| !item.properties.is_empty());
    let mut content = vec![0; 4];
    content.extend((with_properties().count() as u32).to_be_bytes());
    for (id, item) in with_properties() {
        content.extend(id.to_be_bytes());
        content.push(item.properties.len() as u8);
        content.extend(&item.properties);
    }
    make_box(b"ipma", &[&content])
}

fn size_property(frame: &Frame) -> Vec<u8> {
    let [width, height] = [frame.width, frame.height].map(|side| (side as u32).to_be_bytes());
    make_box(b"ispe", &[&[0; 4], &width, &height])
}

fn channels_property(frame: &Frame) -> Vec<u8> {
    let channels = frame.chroma.channels();
    let bits = vec![8; usize::from(channels)];
    make_box(b"pixi", &[&[0; 4], &[channels], &bits])
}

fn codec_property(coded: &Coded) -> Vec<u8> {
    let frame = &coded.frame;
    let subsampling = match frame.chroma {
        Chroma::None => 0x1c, // monochrome, and both flags of subsampling
        Chroma::Half => 0x0c,
        Chroma::Full => 0,
    };
    let profile_and_level = headers::profile(frame) << 5 | headers::level(frame);
    make_box(b"av1C", &[&[0x81, profile_and_level, subsampling, 0], &coded.sequence_header])
}

fn color_property(color: ColorCode) -> Vec<u8> {
    let codes = [0, color.primaries, 0, color.transfer, 0, color.matrix, 0x80];
    make_box(b"colr", &[b"nclx", &codes])
}

fn slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}

fn make_box(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    let mut content = ((size + 8) as u32).to_be_bytes().to_vec();
    content.extend_from_slice(kind);
    parts.iter().for_each(|part| content.extend_from_slice(part));
    content
}
