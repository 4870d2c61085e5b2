//! The items of a HEIF file: what each is, where its bytes lie, what is said of it.
//! Source: ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, 6 to 9.

use std::borrow::Cow;

use super::boxes::{Box, Numbers, boxes, find};

/// More of anything than a picture has; tables that go on are not read further.
const MAX_ENTRIES: usize = 4096;

/// The items of one file. All of it borrows from the file.
#[derive(Debug)]
pub(super) struct Items<'a> {
    file: &'a [u8],
    data: &'a [u8],
    pub(super) primary: u32,
    infos: Vec<Info>,
    places: Vec<Place>,
    references: Vec<Reference>,
    properties: Vec<Box<'a>>,
    associations: Vec<Association>,
}

/// An item, and the number of a property of it, counted from one.
type Association = (u32, usize);

#[derive(Debug)]
struct Info {
    id: u32,
    kind: [u8; 4],
    is_xmp: bool,
}

#[derive(Debug)]
struct Place {
    id: u32,
    /// Whether offsets count from the file's begin, or from that of the `idat` box.
    in_file: bool,
    /// Offset and length.
    extents: Vec<(u64, u64)>,
}

#[derive(Debug)]
struct Reference {
    kind: [u8; 4],
    from: u32,
    to: Vec<u32>,
}

impl<'a> Items<'a> {
    /// Reads the `meta` box. `None` where one is missing or cut.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let (_, _, Numbers(meta)) = Numbers::of_full_box(find(file, b"meta")?)?;
        let (version, _, mut numbers) = Numbers::of_full_box(find(meta, b"pitm")?)?;
        let primary = numbers.next(if version == 0 { 2 } else { 4 })? as u32;
        let (properties, associations) = properties(find(meta, b"iprp")?)?;
        Some(Self {
            file,
            data: find(meta, b"idat").unwrap_or_default(),
            primary,
            infos: infos(find(meta, b"iinf")?)?,
            places: places(find(meta, b"iloc")?)?,
            references: find(meta, b"iref").and_then(references).unwrap_or_default(),
            properties,
            associations,
        })
    }

    /// What kind of item that is.
    pub(super) fn kind(&self, id: u32) -> Option<[u8; 4]> {
        self.infos.iter().find(|info| info.id == id).map(|info| info.kind)
    }

    /// What is said of an item, in the order in which it is to be done.
    pub(super) fn properties(&self, id: u32) -> impl Iterator<Item = Box<'a>> {
        let of_item = self.associations.iter().filter(move |(item, _)| *item == id);
        of_item.filter_map(|(_, index)| self.properties.get(index.checked_sub(1)?).copied())
    }

    /// The first property of that name.
    pub(super) fn property(&self, id: u32, name: &[u8; 4]) -> Option<&'a [u8]> {
        self.properties(id).find(|one| one.name == *name).map(|one| one.body)
    }

    /// What an item refers to in this way.
    pub(super) fn targets(&self, kind: &[u8; 4], from: u32) -> &[u32] {
        let found = self.references.iter().find(|one| one.kind == *kind && one.from == from);
        found.map_or(&[], |one| &one.to)
    }

    /// The items that refer to this one in this way.
    pub(super) fn sources(&self, kind: &[u8; 4], to: u32) -> impl Iterator<Item = u32> {
        let refers = move |one: &&Reference| one.kind == *kind && one.to.contains(&to);
        self.references.iter().filter(refers).map(|one| one.from)
    }

    /// The EXIF that describes an item, from its TIFF header on.
    pub(super) fn exif(&self, of: u32) -> Option<Cow<'a, [u8]>> {
        let id = self.sources(b"cdsc", of).find(|&id| self.kind(id) == Some(*b"Exif"))?;
        let bytes = self.bytes(id)?;
        let (offset, _) = bytes.split_first_chunk::<4>()?;
        let start = 4usize.checked_add(usize::try_from(u32::from_be_bytes(*offset)).ok()?)?;
        match bytes {
            Cow::Borrowed(bytes) => bytes.get(start..).map(Cow::Borrowed),
            Cow::Owned(bytes) => bytes.get(start..).map(|exif| Cow::Owned(exif.to_vec())),
        }
    }

    /// The XMP that describes an item.
    pub(super) fn xmp(&self, of: u32) -> Option<Cow<'a, [u8]>> {
        let is_xmp = |id: u32| self.infos.iter().any(|info| info.id == id && info.is_xmp);
        self.bytes(self.sources(b"cdsc", of).find(|&id| is_xmp(id))?)
    }

    /// An item's bytes, put together. `None` where some are missing.
    pub(super) fn bytes(&self, id: u32) -> Option<Cow<'a, [u8]>> {
        let place = self.places.iter().find(|place| place.id == id)?;
        let all = if place.in_file { self.file } else { self.data };
        let mut parts = place.extents.iter().map(|&(offset, length)| {
            let start = usize::try_from(offset).ok()?;
            let rest = all.get(start..)?;
            match usize::try_from(length).ok()? {
                0 => Some(rest),
                length => rest.get(..length),
            }
        });
        if let [_] = place.extents[..] {
            return parts.next()?.map(Cow::Borrowed);
        }
        let parts = parts.collect::<Option<Vec<&[u8]>>>()?;
        // Extents may overlap, so that a small file could ask for much.
        let is_honest = parts.iter().map(|part| part.len()).sum::<usize>() <= all.len();
        is_honest.then(|| Cow::Owned(parts.concat()))
    }
}

fn infos(body: &[u8]) -> Option<Vec<Info>> {
    let (version, _, mut numbers) = Numbers::of_full_box(body)?;
    numbers.next(if version == 0 { 2 } else { 4 })?;
    let entries = boxes(numbers.0).filter(|one| one.name == *b"infe").take(MAX_ENTRIES);
    let entry = |one: Box<'_>| {
        let (version, _, mut numbers) = Numbers::of_full_box(one.body)?;
        let id = numbers.next(if version < 3 { 2 } else { 4 })? as u32;
        numbers.next(2)?;
        let kind = *numbers.bytes(4)?.first_chunk()?;
        let content_type = numbers.0.split(|&byte| byte == 0).nth(1);
        let is_xmp = kind == *b"mime" && content_type == Some(b"application/rdf+xml");
        Some(Info { id, kind, is_xmp })
    };
    Some(entries.filter_map(entry).collect())
}

fn places(body: &[u8]) -> Option<Vec<Place>> {
    let (version, _, mut numbers) = Numbers::of_full_box(body)?;
    let sizes = numbers.next(2)?;
    let size = |shift: u32| (sizes >> shift & 15) as usize;
    let (offset_bytes, length_bytes, base_bytes) = (size(12), size(8), size(4));
    let index_bytes = if version == 0 { 0 } else { size(0) };
    if [offset_bytes, length_bytes, base_bytes, index_bytes].into_iter().any(|bytes| bytes > 8) {
        return None;
    }
    let id_bytes = if version < 2 { 2 } else { 4 };
    let count = numbers.next(id_bytes)? as usize;
    let mut places = Vec::new();
    for _ in 0..count.min(MAX_ENTRIES) {
        let id = numbers.next(id_bytes)? as u32;
        let method = if version == 0 { 0 } else { numbers.next(2)? & 15 };
        numbers.next(2)?;
        let base = numbers.next(base_bytes)?;
        let mut extents = Vec::new();
        for _ in 0..numbers.next(2)? {
            numbers.next(index_bytes)?;
            let offset = base.checked_add(numbers.next(offset_bytes)?)?;
            extents.push((offset, numbers.next(length_bytes)?));
        }
        // The third method counts from other items, which no writer of pictures does.
        if method <= 1 {
            places.push(Place { id, in_file: method == 0, extents });
        }
    }
    Some(places)
}

fn references(body: &[u8]) -> Option<Vec<Reference>> {
    let (version, _, numbers) = Numbers::of_full_box(body)?;
    let id_bytes = if version == 0 { 2 } else { 4 };
    let reference = |one: Box<'_>| {
        let mut numbers = Numbers(one.body);
        let from = numbers.next(id_bytes)? as u32;
        let count = numbers.next(2)?;
        let to = (0..count).map(|_| numbers.next(id_bytes).map(|id| id as u32));
        Some(Reference { kind: one.name, from, to: to.collect::<Option<_>>()? })
    };
    boxes(numbers.0).take(MAX_ENTRIES).map(reference).collect()
}

/// The properties, and which item has which.
fn properties(body: &[u8]) -> Option<(Vec<Box<'_>>, Vec<Association>)> {
    let properties = boxes(find(body, b"ipco")?).take(MAX_ENTRIES).collect();
    let mut associations = Vec::new();
    for one in boxes(body).filter(|one| one.name == *b"ipma") {
        let (version, flags, mut numbers) = Numbers::of_full_box(one.body)?;
        let index_bytes = if flags & 1 == 1 { 2 } else { 1 };
        let index_mask = if flags & 1 == 1 { 0x7fff } else { 0x7f };
        for _ in 0..numbers.next(4)?.min(MAX_ENTRIES as u64) {
            let id = numbers.next(if version == 0 { 2 } else { 4 })? as u32;
            for _ in 0..numbers.next(1)? {
                associations.push((id, (numbers.next(index_bytes)? & index_mask) as usize));
            }
        }
    }
    Some((properties, associations))
}
