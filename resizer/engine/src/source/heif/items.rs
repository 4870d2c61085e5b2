//! The items of a HEIF file: what each is, where its bytes lie, what is said of it.
//! Source: ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, 6 to 9.

mod tables;

use std::borrow::Cow;
use std::collections::HashMap;

use self::tables::{Associations, Info, Place, infos, places, properties, references};
use super::boxes::{BmffBox, Numbers, find};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;

/// Items, and properties of all of them: more than any picture has. 4,096 tiles of 512 pixels are
/// 32,768 on a side.
const MAX_ITEMS: usize = 4096 + 64;

/// What one table says in all: extents of items, targets of references, properties of items.
const MAX_ENTRIES: usize = 1 << 16;

/// Properties of one item; the others are not looked at.
const MAX_OF_ITEM: usize = 255;

/// How many items may say of one that they belong to it; the others are not looked at.
const MAX_SOURCES: usize = 16;

/// The items of one file, so that finding one takes the same time however many there are. All of
/// it borrows from the file.
#[derive(Debug)]
pub(super) struct Items<'a> {
    /// As recognized by the first bytes.
    pub(super) format: ImageFormat,
    file: &'a [u8],
    data: &'a [u8],
    pub(super) primary: u32,
    infos: HashMap<u32, Info>,
    places: HashMap<u32, Place>,
    /// By their kind and the item that refers.
    targets: HashMap<([u8; 4], u32), Vec<u32>>,
    /// By their kind and the item that is referred to.
    sources: HashMap<([u8; 4], u32), Vec<u32>>,
    properties: Vec<BmffBox<'a>>,
    associations: Associations,
}

/// Why there are no items.
#[derive(Debug)]
pub(super) enum Flaw {
    /// A box is missing or truncated.
    Missing,
    /// A table has more entries than any picture needs.
    TooMany { value: usize, limit: usize },
}

/// # Errors
/// `TooMany` where there are more than `limit`.
fn at_most(value: usize, limit: usize) -> Result<(), Flaw> {
    if value > limit { Err(Flaw::TooMany { value, limit }) } else { Ok(()) }
}

impl Flaw {
    pub(super) fn reject(self, format: ImageFormat) -> Reject {
        match self {
            Self::Missing => {
                let detail = "the boxes that say what the picture is are missing or truncated";
                Reject::malformed(format, detail)
            }
            Self::TooMany { value, limit } => Reject::TooLarge {
                quantity: Quantity::Entries,
                value: value as u64,
                limit: limit as u64,
            },
        }
    }
}

impl<'a> Items<'a> {
    /// Reads the `meta` box, in time that grows with its length.
    pub(super) fn read(file: &'a [u8], format: ImageFormat) -> Result<Self, Flaw> {
        let inside = |body| Numbers::of_full_box(body).ok_or(Flaw::Missing);
        let (_, _, Numbers(meta)) = inside(find(file, b"meta").ok_or(Flaw::Missing)?)?;
        let part = |name: &[u8; 4]| find(meta, name).ok_or(Flaw::Missing);
        let (version, _, mut numbers) = inside(part(b"pitm")?)?;
        let primary = numbers.next(if version == 0 { 2 } else { 4 }).ok_or(Flaw::Missing)? as u32;
        let (properties, associations) = properties(part(b"iprp")?)?;
        let [targets, sources] = match find(meta, b"iref") {
            Some(body) => references(body)?,
            None => Default::default(),
        };
        Ok(Self {
            format,
            file,
            data: find(meta, b"idat").unwrap_or_default(),
            primary,
            infos: infos(part(b"iinf")?)?,
            places: places(part(b"iloc")?)?,
            targets,
            sources,
            properties,
            associations,
        })
    }

    /// What kind of item that is.
    pub(super) fn kind(&self, id: u32) -> Option<[u8; 4]> {
        self.infos.get(&id).map(|info| info.kind)
    }

    /// What is said of an item, in the order in which it is to be done.
    pub(super) fn properties(&self, id: u32) -> impl Iterator<Item = BmffBox<'a>> {
        let of_item = self.associations.get(&id).into_iter().flatten();
        of_item.filter_map(|index| self.properties.get(index.checked_sub(1)?).copied())
    }

    /// The first property of that name.
    pub(super) fn property(&self, id: u32, name: &[u8; 4]) -> Option<&'a [u8]> {
        self.properties(id).find(|one| one.name == *name).map(|one| one.body)
    }

    /// What an item refers to in this way.
    pub(super) fn targets(&self, kind: &[u8; 4], from: u32) -> &[u32] {
        self.targets.get(&(*kind, from)).map_or(&[], Vec::as_slice)
    }

    /// The items that refer to this one in this way.
    pub(super) fn sources(&self, kind: &[u8; 4], to: u32) -> impl Iterator<Item = u32> {
        self.sources.get(&(*kind, to)).into_iter().flatten().copied()
    }

    /// The width and the height that are said of an item.
    pub(super) fn size(&self, id: u32) -> Option<(u32, u32)> {
        let (_, _, mut numbers) = Numbers::of_full_box(self.property(id, b"ispe")?)?;
        Some((numbers.next(4)? as u32, numbers.next(4)? as u32))
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
        let is_xmp = |id: &u32| self.infos.get(id).is_some_and(|info| info.is_xmp);
        self.bytes(self.sources(b"cdsc", of).find(is_xmp)?)
    }

    /// An item's bytes, put together. `None` where some are missing.
    pub(super) fn bytes(&self, id: u32) -> Option<Cow<'a, [u8]>> {
        self.parts(id).map(|parts| joined(&parts))
    }

    /// The pieces that an item's bytes lie in, together no longer than the file. `None` where some
    /// are missing.
    pub(super) fn parts(&self, id: u32) -> Option<Vec<&'a [u8]>> {
        let place = self.places.get(&id)?;
        let all = if place.in_file { self.file } else { self.data };
        let parts = place.extents.iter().map(|&(offset, length)| {
            let start = usize::try_from(offset).ok()?;
            let rest = all.get(start..)?;
            match usize::try_from(length).ok()? {
                0 => Some(rest),
                length => rest.get(..length),
            }
        });
        let parts = parts.collect::<Option<Vec<&[u8]>>>()?;
        // Extents may overlap, so that a small file could ask for much.
        let is_honest = parts.iter().map(|part| part.len()).sum::<usize>() <= all.len();
        is_honest.then_some(parts)
    }
}

/// Pieces as one, which is copied only where there are several.
pub(super) fn joined<'a>(parts: &[&'a [u8]]) -> Cow<'a, [u8]> {
    match parts {
        [whole] => Cow::Borrowed(whole),
        parts => Cow::Owned(parts.concat()),
    }
}
