//! The tables of a HEIF file, each read once from its begin to its end.
//! Source: ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, 9.3.

use std::collections::HashMap;

use super::{Flaw, MAX_ENTRIES, MAX_ITEMS, MAX_OF_ITEM, MAX_SOURCES, at_most};
use crate::source::heif::boxes::{BmffBox, Numbers, boxes, find};

#[derive(Debug)]
pub(super) struct Info {
    pub(super) kind: [u8; 4],
    pub(super) is_xmp: bool,
}

#[derive(Debug)]
pub(super) struct Place {
    /// Whether offsets count from the file's begin, or from that of the `idat` box.
    pub(super) in_file: bool,
    /// Offset and length.
    pub(super) extents: Vec<(u64, u64)>,
}

/// Items by a kind of reference and the item at its other end.
type Linked = HashMap<([u8; 4], u32), Vec<u32>>;

/// The numbers of an item's properties, counted from one.
pub(super) type Associations = HashMap<u32, Vec<usize>>;

/// By the item's number; of several entries of one item the first counts.
pub(super) fn infos(body: &[u8]) -> Result<HashMap<u32, Info>, Flaw> {
    let (version, _, mut numbers) = Numbers::of_full_box(body).ok_or(Flaw::Missing)?;
    numbers.next(if version == 0 { 2 } else { 4 }).ok_or(Flaw::Missing)?;
    let mut infos = HashMap::new();
    for one in boxes(numbers.0).filter(|one| one.name == *b"infe") {
        at_most(infos.len() + 1, MAX_ITEMS)?;
        if let Some((id, info)) = info(one) {
            infos.entry(id).or_insert(info);
        }
    }
    Ok(infos)
}

fn info(one: BmffBox<'_>) -> Option<(u32, Info)> {
    let (version, _, mut numbers) = Numbers::of_full_box(one.body)?;
    let id = numbers.next(if version < 3 { 2 } else { 4 })? as u32;
    numbers.next(2)?;
    let kind = *numbers.bytes(4)?.first_chunk()?;
    let is_xmp = kind == *b"mime" && {
        let content_type = numbers.0.split(|&byte| byte == 0).nth(1);
        content_type == Some(b"application/rdf+xml")
    };
    Some((id, Info { kind, is_xmp }))
}

/// By the item's number; of several entries of one item the first counts.
pub(super) fn places(body: &[u8]) -> Result<HashMap<u32, Place>, Flaw> {
    let (version, _, mut numbers) = Numbers::of_full_box(body).ok_or(Flaw::Missing)?;
    let mut next = |bytes: usize| numbers.next(bytes).ok_or(Flaw::Missing);
    let sizes = next(2)?;
    let size = |shift: u32| (sizes >> shift & 15) as usize;
    let (offset_bytes, length_bytes, base_bytes) = (size(12), size(8), size(4));
    let index_bytes = if version == 0 { 0 } else { size(0) };
    if [offset_bytes, length_bytes, base_bytes, index_bytes].into_iter().any(|bytes| bytes > 8) {
        return Err(Flaw::Missing);
    }
    let id_bytes = if version < 2 { 2 } else { 4 };
    let count = next(id_bytes)? as usize;
    at_most(count, MAX_ITEMS)?;
    let (mut places, mut extents_in_all) = (HashMap::new(), 0);
    for _ in 0..count {
        let id = next(id_bytes)? as u32;
        let method = if version == 0 { 0 } else { next(2)? & 15 };
        next(2)?;
        let base = next(base_bytes)?;
        let extent_count = next(2)? as usize;
        extents_in_all += extent_count;
        at_most(extents_in_all, MAX_ENTRIES)?;
        let mut extents = Vec::new();
        for _ in 0..extent_count {
            next(index_bytes)?;
            let offset = base.checked_add(next(offset_bytes)?).ok_or(Flaw::Missing)?;
            extents.push((offset, next(length_bytes)?));
        }
        // The third method counts from other items, which no writer of pictures does.
        if method <= 1 {
            places.entry(id).or_insert(Place { in_file: method == 0, extents });
        }
    }
    Ok(places)
}

/// The items that are referred to, by those that refer; and the other way round.
pub(super) fn references(body: &[u8]) -> Result<[Linked; 2], Flaw> {
    let Some((version, _, numbers)) = Numbers::of_full_box(body) else {
        return Ok(Default::default());
    };
    let id_bytes = if version == 0 { 2 } else { 4 };
    let (mut targets, mut sources, mut in_all) = (Linked::new(), Linked::new(), 0);
    for one in boxes(numbers.0) {
        let mut numbers = Numbers(one.body);
        let mut next = |bytes: usize| numbers.next(bytes);
        // A truncated box says nothing, and neither do those behind it.
        let (Some(from), Some(count)) = (next(id_bytes), next(2)) else { break };
        in_all += count as usize + 1;
        at_most(in_all, MAX_ENTRIES)?;
        let to: Option<Vec<u32>> = (0..count).map(|_| next(id_bytes).map(|id| id as u32)).collect();
        let Some(to) = to else { break };
        for &to in &to {
            let sources = sources.entry((one.name, to)).or_default();
            if sources.len() < MAX_SOURCES {
                sources.push(from as u32);
            }
        }
        targets.entry((one.name, from as u32)).or_insert(to);
    }
    Ok([targets, sources])
}

/// The properties, and which item has which.
pub(super) fn properties(body: &[u8]) -> Result<(Vec<BmffBox<'_>>, Associations), Flaw> {
    let mut properties = Vec::new();
    for one in boxes(find(body, b"ipco").ok_or(Flaw::Missing)?) {
        at_most(properties.len() + 1, MAX_ITEMS)?;
        properties.push(one);
    }
    let (mut associations, mut in_all) = (Associations::new(), 0);
    for one in boxes(body).filter(|one| one.name == *b"ipma") {
        let (version, flags, mut numbers) = Numbers::of_full_box(one.body).ok_or(Flaw::Missing)?;
        let mut next = |bytes: usize| numbers.next(bytes).ok_or(Flaw::Missing);
        let (index_bytes, index_mask) = if flags & 1 == 1 { (2, 0x7fff) } else { (1, 0x7f) };
        let count = next(4)? as usize;
        at_most(count, MAX_ITEMS)?;
        for _ in 0..count {
            let id = next(if version == 0 { 2 } else { 4 })? as u32;
            let of_item = next(1)?;
            in_all += of_item as usize + 1;
            at_most(in_all, MAX_ENTRIES)?;
            for _ in 0..of_item {
                let index = (next(index_bytes)? & index_mask) as usize;
                let of_item = associations.entry(id).or_default();
                if of_item.len() < MAX_OF_ITEM {
                    of_item.push(index);
                }
            }
        }
    }
    Ok((properties, associations))
}
