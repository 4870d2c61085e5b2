//! What a page puts into its HTML: sets by aspect ratio, `srcset` strings, `<picture>`, URLs.

use resizer::manifest::ManifestVariant;
use resizer::responsive::{sets, url};

fn variant(name: &str, media_type: &str, (width, height): (u32, u32)) -> ManifestVariant {
    let key = format!("a b/{name}.{}", media_type.rsplit('/').next().unwrap_or_default());
    ManifestVariant {
        name: name.to_owned(),
        bucket: "out".to_owned(),
        url: url(None, &key),
        key,
        media_type: media_type.to_owned(),
        animated: false,
        gain_map: None,
        width,
        height,
        bytes: 1,
        sha256: String::new(),
    }
}

#[test]
fn keys_become_urls() {
    for (base, key, expected) in [
        (None, "variants/a.jpg/w160.jpg", "variants/a.jpg/w160.jpg"),
        (None, "a b/ü,?#%.jpg", "a%20b/%C3%BC%2C%3F%23%25.jpg"),
        (None, "c:d", "c%3Ad"),
        (None, "/lead//double", ".//lead//double"),
        (Some("https://cdn.example.com"), "a&b.jpg", "https://cdn.example.com/a%26b.jpg"),
        (Some("https://cdn.example.com/x/"), "/a", "https://cdn.example.com/x//a"),
        (Some("/"), "a", "/a"),
    ] {
        assert_eq!(url(base, key), expected, "{base:?} {key:?}");
    }
}

#[test]
fn a_picture_offers_the_best_format_first_and_every_width_once() {
    let variants = [
        variant("m", "image/jpeg", (640, 427)),
        variant("m", "image/webp", (640, 427)),
        variant("s", "image/webp", (320, 213)),
        variant("s", "image/jpeg", (320, 213)),
        variant("s", "image/avif", (320, 213)),
        variant("again", "image/jpeg", (640, 427)),
        variant("square", "image/jpeg", (200, 200)),
    ];
    let sets = sets((3000, 2000), &variants);
    let [whole, square] = &sets[..] else { panic!("two sets of {sets:?}") };
    assert_eq!((whole.width, whole.height), (640, 427));
    assert_eq!(whole.srcset["image/jpeg"], "a%20b/s.jpeg 320w, a%20b/m.jpeg 640w");
    assert_eq!(whole.srcset["image/avif"], "a%20b/s.avif 320w");
    assert_eq!(whole.sizes, "(max-width: 640px) 100vw, 640px");
    let sizes = r#"sizes="(max-width: 640px) 100vw, 640px""#;
    let expected = [
        "<picture>".to_owned(),
        format!(r#"<source type="image/avif" srcset="a%20b/s.avif 320w" {sizes}>"#),
        r#"<source type="image/webp" srcset="a%20b/s.webp 320w, a%20b/m.webp 640w" "#.to_owned(),
        format!(r#"{sizes}><img src="a%20b/m.jpeg" "#),
        format!(r#"srcset="a%20b/s.jpeg 320w, a%20b/m.jpeg 640w" {sizes} "#),
        r#"width="640" height="427" alt=""></picture>"#.to_owned(),
    ];
    assert_eq!(whole.picture, expected.concat());
    assert_eq!((square.width, square.srcset.len()), (200, 1));
}

#[test]
fn sets_hold_what_shows_the_same() {
    let sizes = |source, sizes: &[(u32, u32)]| -> Vec<Vec<(u32, u32)>> {
        let named = sizes.iter().enumerate();
        let variants = named.map(|(n, size)| variant(&n.to_string(), "image/png", *size));
        let sets = sets(source, &variants.collect::<Vec<_>>());
        let widths = |srcset: &str| -> Vec<u32> {
            let widths = srcset.split(", ").filter_map(|one| one.rsplit(' ').next());
            widths.filter_map(|width| width.trim_end_matches('w').parse().ok()).collect()
        };
        let size_of = |width: u32| *sizes.iter().find(|size| size.0 == width).expect("a size");
        sets.iter()
            .map(|set| widths(&set.srcset["image/png"]).into_iter().map(size_of).collect())
            .collect()
    };
    // Rounded sides belong to their source, whichever was rounded.
    let whole = [(160, 107), (321, 214), (1079, 719), (45, 30)];
    assert_eq!(sizes((3000, 2000), &whole), [[(45, 30), (160, 107), (321, 214), (1079, 719)]]);
    // Squares of a landscape, and banners, each for themselves and in the order of the rule.
    assert_eq!(
        sizes((4000, 3000), &[(96, 96), (800, 200), (384, 384), (400, 300), (600, 150)]),
        [vec![(400, 300)], vec![(96, 96), (384, 384)], vec![(600, 150), (800, 200)]]
    );
    // Without one of the source's own aspect the first set is the first variant's.
    assert_eq!(sizes((4000, 3000), &[(96, 96)]), [[(96, 96)]]);
    // Of a line of pixels every size is one pixel high.
    assert_eq!(sizes((1000, 1), &[(160, 1), (320, 1)]), [[(160, 1), (320, 1)]]);
    assert!(sizes((1, 1), &[]).is_empty());
}

#[test]
fn what_moves_is_offered_apart_from_what_does_not() {
    let mut variants = ["image/avif", "image/webp", "image/gif"]
        .map(|media_type| variant("a", media_type, (10, 10)));
    variants[1..].iter_mut().for_each(|variant| variant.animated = true);
    let sets = sets((10, 10), &variants);
    let formats: Vec<Vec<&String>> = sets.iter().map(|set| set.srcset.keys().collect()).collect();
    assert_eq!(formats, [vec!["image/gif", "image/webp"], vec!["image/avif"]]);
    assert!(sets[0].picture.contains("<source type=\"image/webp\""), "{}", sets[0].picture);
}

#[test]
fn what_stands_in_html_is_escaped() {
    let mut one = variant("a", "image/webp", (10, 10));
    one.url = "https://cdn.example.com/&\"<>/a".to_owned();
    let picture = &sets((10, 10), &[one])[0].picture;
    assert!(
        picture.contains(r#"src="https://cdn.example.com/&amp;&quot;&lt;&gt;/a""#),
        "{picture}"
    );
    assert!(!picture.contains("<source"), "what is alone is for all: {picture}");
}
