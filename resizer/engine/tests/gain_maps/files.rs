//! What the tests share: requests that keep the map, and variants taken apart by their index.

use fixtures::hdr::{Gains, Light};
use image::RgbImage;
use resizer_engine::spec::{FormatSpec, Hdr, OutputFormat, Request, VariantSpec};
use resizer_engine::{GainMapOutcome, Limits, Variant, render};

/// The part of a mean difference that is allowed.
pub(crate) const TOLERANCE: f64 = 0.02;

/// Screens that show little, some, and most of the gain, in stops.
pub(crate) const HEADROOMS: [f64; 3] = [0.5, 1.3, 2.5];

/// A JPEG of high quality that keeps the map.
pub(crate) fn keeping() -> VariantSpec {
    VariantSpec {
        formats: vec![FormatSpec::Fixed(OutputFormat::Jpeg)],
        quality: 97.into(),
        hdr: Hdr::Keep,
        ..VariantSpec::default()
    }
}

/// The only variant of a good source.
pub(crate) fn variant(source: &[u8], request: impl Into<Request>) -> Variant {
    let rendered = render(source, &request.into(), &Limits::default());
    rendered.expect("a good source").variants.remove(0)
}

/// The only variant as another decoder sees it.
pub(crate) fn opened(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).expect("a file of ours").to_rgb8()
}

/// A JPEG with a map, taken apart.
pub(crate) struct Parts {
    pub(crate) picture: RgbImage,
    pub(crate) map: RgbImage,
    pub(crate) gains: Gains,
}

impl Parts {
    /// Checks on the way that everything that says where and what the map is says the same.
    pub(crate) fn of(variant: &Variant) -> Self {
        assert_eq!(variant.gain_map, Some(GainMapOutcome::Kept));
        let file = &variant.bytes;
        let index = position(file, b"MPF\0MM\0*").expect("an index") + 4;
        let long = |at: usize| {
            u32::from_be_bytes([0, 1, 2, 3].map(|byte| file[index + at + byte])) as usize
        };
        // Its two entries are behind the directory: attributes, size, offset.
        assert_eq!([long(50), long(58)], [0x0003_0000, 0]);
        let (picture_bytes, map_bytes, offset) = (long(54), long(70), long(74));
        assert_eq!(index + offset, picture_bytes, "the map begins where the picture ends");
        assert_eq!(picture_bytes + map_bytes, file.len());
        let (picture, map) = file.split_at(picture_bytes);
        let length = format!(
            "Item:Semantic=\"GainMap\" Item:Mime=\"image/jpeg\" \
                              Item:Length=\"{map_bytes}\""
        );
        assert!(position(picture, length.as_bytes()).is_some(), "a directory of {map_bytes}");
        let iso = b"urn:iso:std:iso:ts:21496:-1\0";
        let start = position(picture, iso).expect("ISO announces it");
        assert_eq!(picture[start + iso.len()..][..4], [0; 4]);
        let start = position(map, iso).expect("ISO describes it");
        let length = usize::from(u16::from_be_bytes([map[start - 2], map[start - 1]])) - 2;
        let gains = Gains::of_iso(&map[start..start + length][iso.len()..]);
        let xmp = |name: &str, value: f64| {
            let attribute = format!("hdrgm:{name}=\"{value:.6}\"");
            let element = format!("<hdrgm:{name}>{value:.6}</hdrgm:{name}>");
            let item = format!("<hdrgm:{name}><rdf:Seq><rdf:li>{value:.6}</rdf:li>");
            let texts = [attribute, element, item];
            let is_there = texts.iter().any(|text| position(map, text.as_bytes()).is_some());
            assert!(is_there, "{name} is {value}");
        };
        xmp("GainMapMin", gains.min[0]);
        xmp("GainMapMax", gains.max[0]);
        xmp("Gamma", gains.gamma[0]);
        xmp("OffsetSDR", gains.offsets[0][0]);
        xmp("OffsetHDR", gains.offsets[1][0]);
        xmp("HDRCapacityMin", gains.headrooms[0]);
        xmp("HDRCapacityMax", gains.headrooms[1]);
        Self { picture: opened(picture), map: opened(map), gains }
    }

    pub(crate) fn light(&self, headroom: f64) -> Light {
        Light::new(&self.picture, &self.map, &self.gains, headroom)
    }
}

/// Whether anything of a file speaks of a gain map or of several pictures.
pub(crate) fn speaks_of_maps(file: &[u8]) -> bool {
    let texts: [&[u8]; 6] =
        [b"hdrgm", b"HDRGainMap", b"GContainer", b"Container:", b"MPF\0", b"21496"];
    texts.iter().any(|text| position(file, text).is_some())
}

pub(crate) fn position(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}
