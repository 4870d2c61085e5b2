//! What XMP says of gain maps: Adobe's `hdrgm` parameters, Google's directory of the pictures in a
//! file, and Apple's headroom. Finds names and values in the text, for nothing else of a packet
//! matters here. Source: Ultra HDR Image Format 1.1; Adobe, Gain map 1.0, Appendix B.

use super::parameters::{Channel, Parameters};

/// What names a packet that announces a map, or describes one.
const NAMESPACE: &[u8] = b"http://ns.adobe.com/hdr-gain-map/1.0/";
const APPLE_NAMESPACE: &[u8] = b"http://ns.apple.com/HDRGainMap/1.0/";

/// What an offset is where nothing is said.
const DEFAULT_OFFSET: f64 = 1.0 / 64.0;

/// Pictures of one directory that are looked at.
const MAX_ITEMS: usize = 16;

/// Whether the packet speaks of a gain map.
pub(super) fn announces(xmp: &[u8]) -> bool {
    position(xmp, NAMESPACE).is_some()
}

/// Whether it speaks of Apple's.
pub(super) fn is_apple(xmp: &[u8]) -> bool {
    position(xmp, APPLE_NAMESPACE).is_some()
}

/// Apple's headroom, as a factor.
pub(super) fn apple_headroom(xmp: &[u8]) -> Option<f64> {
    numbers(xmp, "HDRGainMap:HDRGainMapHeadroom")?.first().copied()
}

/// The parameters in the packet of a map. `None` where some are missing or make no sense.
pub(super) fn read(xmp: &[u8]) -> Option<Parameters> {
    let is_hdr = text(xmp, "hdrgm:BaseRenditionIsHDR")
        .is_some_and(|text| String::from_utf8_lossy(text).trim().eq_ignore_ascii_case("true"));
    let of_channels = |name: &str, default: Option<f64>| match numbers(xmp, name)?[..] {
        [] => default.map(|number| [number; 3]),
        [one] => Some([one; 3]),
        [red, green, blue] => Some([red, green, blue]),
        _ => None,
    };
    let one = |name: &str, default: Option<f64>| of_channels(name, default).map(|[one, ..]| one);
    let min = of_channels("hdrgm:GainMapMin", Some(0.0))?;
    let max = of_channels("hdrgm:GainMapMax", None)?;
    let gamma = of_channels("hdrgm:Gamma", Some(1.0))?;
    let sdr_offset = of_channels("hdrgm:OffsetSDR", Some(DEFAULT_OFFSET))?;
    let hdr_offset = of_channels("hdrgm:OffsetHDR", Some(DEFAULT_OFFSET))?;
    let channels = [0, 1, 2].map(|at| Channel {
        min: min[at],
        max: max[at],
        gamma: gamma[at],
        base_offset: sdr_offset[at],
        alternate_offset: hdr_offset[at],
    });
    let capacities = [one("hdrgm:HDRCapacityMin", Some(0.0))?, one("hdrgm:HDRCapacityMax", None)?];
    // Where the base is HDR, the map counts from the other end.
    let [base_headroom, alternate_headroom] =
        if is_hdr { [capacities[1], capacities[0]] } else { capacities };
    Parameters { channels, base_headroom, alternate_headroom, uses_base_colors: true }.checked()
}

/// Where the directory in a picture's packet says that the map begins: bytes behind the picture's
/// end.
pub(super) fn map_offset(xmp: &[u8]) -> Option<usize> {
    let mut offset = 0_usize;
    let mut rest = xmp;
    for at in 0..MAX_ITEMS {
        let start = item(rest)?;
        let end = start + position(&rest[start..], b">")?;
        let item = &rest[start..end];
        rest = &rest[end..];
        let number = |name: &str| numbers(item, name)?.first().map(|&number| number as usize);
        match text(item, "Item:Semantic") {
            Some(b"GainMap") => return Some(offset),
            _ if at == 0 => {}
            _ => offset = offset.checked_add(number("Item:Length").unwrap_or(0))?,
        }
        offset = offset.checked_add(number("Item:Padding").unwrap_or(0))?;
    }
    None
}

/// What follows the name of the next element `Item`, whatever its prefix.
fn item(xmp: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b":Item";
    let is_name = |at: &usize| {
        let next = xmp[*at..].strip_prefix(NAME).and_then(<[u8]>::first);
        next.is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'/' | b'>'))
    };
    Some((0..xmp.len()).find(is_name)? + NAME.len())
}

/// The packet of a map's file.
pub(crate) fn of_map(parameters: &Parameters) -> Vec<u8> {
    let Parameters { channels, base_headroom, alternate_headroom, .. } = parameters;
    let property = |name: &str, of: fn(&Channel) -> f64| {
        let [red, green, blue] = channels.each_ref().map(of).map(decimal);
        if red == green && red == blue {
            return format!("<hdrgm:{name}>{red}</hdrgm:{name}>");
        }
        let items: String =
            [red, green, blue].iter().map(|one| format!("<rdf:li>{one}</rdf:li>")).collect();
        format!("<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>")
    };
    let properties = [
        property("GainMapMin", |channel| channel.min),
        property("GainMapMax", |channel| channel.max),
        property("Gamma", |channel| channel.gamma),
        property("OffsetSDR", |channel| channel.base_offset),
        property("OffsetHDR", |channel| channel.alternate_offset),
    ]
    .concat();
    let description = format!(
        "<rdf:Description rdf:about=\"\" xmlns:hdrgm=\"http://ns.adobe.com/hdr-gain-map/1.0/\" \
         hdrgm:Version=\"1.0\" hdrgm:BaseRenditionIsHDR=\"False\" hdrgm:HDRCapacityMin=\"{}\" \
         hdrgm:HDRCapacityMax=\"{}\">{properties}</rdf:Description>",
        decimal(*base_headroom),
        decimal(*alternate_headroom),
    );
    packet(&description)
}

/// The packet of a picture whose map has so many bytes. What the picture's own packet says stays,
/// where both together have no more than `max_bytes`.
pub(crate) fn of_primary(own: Option<&[u8]>, map_bytes: usize, max_bytes: usize) -> Vec<u8> {
    const END: &[u8] = b"</rdf:RDF>";
    let description = format!(
        "<rdf:Description rdf:about=\"\" xmlns:hdrgm=\"http://ns.adobe.com/hdr-gain-map/1.0/\" \
         xmlns:Container=\"http://ns.google.com/photos/1.0/container/\" \
         xmlns:Item=\"http://ns.google.com/photos/1.0/container/item/\" hdrgm:Version=\"1.0\">\
         <Container:Directory><rdf:Seq>\
         <rdf:li rdf:parseType=\"Resource\"><Container:Item Item:Semantic=\"Primary\" \
         Item:Mime=\"image/jpeg\"/></rdf:li>\
         <rdf:li rdf:parseType=\"Resource\"><Container:Item Item:Semantic=\"GainMap\" \
         Item:Mime=\"image/jpeg\" Item:Length=\"{map_bytes}\"/></rdf:li>\
         </rdf:Seq></Container:Directory></rdf:Description>"
    );
    let merged = own.and_then(|own| {
        let (before, behind) = own.split_at(position(own, END)?);
        Some([before, description.as_bytes(), behind].concat())
    });
    merged.filter(|merged| merged.len() <= max_bytes).unwrap_or_else(|| packet(&description))
}

fn packet(description: &str) -> Vec<u8> {
    let packet = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         {description}</rdf:RDF></x:xmpmeta>"
    );
    packet.into_bytes()
}

/// Millionths, as the binary metadata has them.
fn decimal(number: f64) -> String {
    let text = format!("{number:.6}");
    if text == "-0.000000" { "0.000000".to_owned() } else { text }
}

/// The numbers of a property, none where it is not there. `None` where it holds something else.
fn numbers(xmp: &[u8], name: &str) -> Option<Vec<f64>> {
    let Some(text) = text(xmp, name) else { return Some(Vec::new()) };
    let text = std::str::from_utf8(text).ok()?;
    // What is between the tags of a list.
    let texts = text.split('<').enumerate().map(|(at, part)| match part.split_once('>') {
        Some((_, behind)) => behind,
        None if at == 0 => part,
        None => "",
    });
    let words = texts.flat_map(str::split_whitespace).take(4);
    words.map(|word| word.parse().ok()).collect()
}

/// The value of a property, which is an attribute or an element.
fn text<'a>(xmp: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = xmp;
    loop {
        rest = &rest[position(rest, name.as_bytes())? + name.len()..];
        let behind = rest.trim_ascii_start();
        match behind.first()? {
            b'=' => {
                let (&quote, value) = behind[1..].trim_ascii_start().split_first()?;
                return Some(&value[..value.iter().position(|&byte| byte == quote)?]);
            }
            b'>' => {
                let value = &behind[1..];
                return Some(&value[..position(value, format!("</{name}").as_bytes())?]);
            }
            _ => {}
        }
    }
}

fn position(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::{announces, map_offset, of_map, of_primary, read};
    use crate::gain_map::parameters::{Channel, Parameters};

    #[test]
    fn what_is_written_is_read_again() {
        let channel = |max: f64| Channel {
            min: -0.25,
            max,
            gamma: 1.25,
            base_offset: 1.0 / 64.0,
            alternate_offset: 0.0,
        };
        for maxima in [[2.5; 3], [1.5, 2.0, 2.5]] {
            let parameters = Parameters {
                channels: maxima.map(channel),
                base_headroom: 0.125,
                alternate_headroom: 2.5,
                uses_base_colors: true,
            };
            let packet = of_map(&parameters);
            assert_eq!(read(&packet), Some(parameters));
            assert!(announces(&packet));
        }
    }

    #[test]
    fn attributes_elements_lists_and_defaults_count() {
        let packet = br#"<rdf:Description hdrgm:Version = '1.0' hdrgm:GainMapMax="2.25"
            hdrgm:HDRCapacityMax="2.25"><hdrgm:Gamma><rdf:Seq>
            <rdf:li>1</rdf:li> <rdf:li>1.5</rdf:li><rdf:li>2</rdf:li></rdf:Seq></hdrgm:Gamma>
            <hdrgm:OffsetSDR>0.5</hdrgm:OffsetSDR></rdf:Description>"#;
        let Parameters { channels, base_headroom, .. } = read(packet).expect("nothing is missing");
        assert_eq!(channels.map(|channel| channel.gamma), [1.0, 1.5, 2.0]);
        let Channel { min, max, base_offset, alternate_offset, .. } = channels[2];
        assert_eq!((min, max, base_headroom), (0.0, 2.25, 0.0));
        assert_eq!((base_offset, alternate_offset), (0.5, 1.0 / 64.0));
    }

    #[test]
    fn packets_without_parameters_have_none() {
        let packets: [&[u8]; 6] = [
            b"",
            b"hdrgm:GainMapMax",
            b"hdrgm:GainMapMax=\"2\"",
            b"hdrgm:GainMapMax=\"x\" hdrgm:HDRCapacityMax=\"1\"",
            b"hdrgm:GainMapMax=\"1 2\" hdrgm:HDRCapacityMax=\"1\"",
            b"<hdrgm:GainMapMax>1 hdrgm:HDRCapacityMax=\"1\"",
        ];
        for packet in packets {
            assert_eq!(read(packet), None, "{}", String::from_utf8_lossy(packet));
        }
    }

    #[test]
    fn the_directory_says_where_the_map_is() {
        assert_eq!(map_offset(&of_primary(None, 1000, 65_000)), Some(0));
        let declared = br#"<r xmlns:Item="i"><Container:Item Item:Semantic="Primary"
            Item:Length="5000"/><Container:Item Item:Semantic="GainMap"/></r>"#;
        assert_eq!(map_offset(declared), Some(0));
        let other = br#"<Container:Item Item:Semantic="Primary" Item:Length="0"
            Item:Padding="8"/><Container:Item Item:Length="100" Item:Semantic="Depth"/>
            <Container:Item Item:Semantic="GainMap"/>"#;
        assert_eq!(map_offset(other), Some(108));
        assert_eq!(map_offset(b"<Container:Item Item:Semantic=\"Primary\"/>"), None);
    }

    #[test]
    fn a_picture_keeps_its_own_packet_where_there_is_room() {
        let own = b"<x:xmpmeta><rdf:RDF xmlns:rdf=\"r\"><a/></rdf:RDF></x:xmpmeta>";
        let merged = of_primary(Some(own), 7, 65_000);
        let text = String::from_utf8(merged).expect("both are text");
        assert!(text.contains("<a/><rdf:Description") && text.contains("Item:Length=\"7\""));
        assert!(text.ends_with("</rdf:Description></rdf:RDF></x:xmpmeta>"));
        let alone = of_primary(Some(own), 7, 100);
        assert!(!alone.windows(4).any(|window| window == b"<a/>"));
        assert_eq!(of_primary(Some(b"no packet"), 7, 65_000), of_primary(None, 7, 65_000));
    }
}
