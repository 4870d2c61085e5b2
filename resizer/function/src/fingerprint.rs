//! What decides a result in, its fingerprint out: 16 hexadecimal digits that results carry, so that
//! a later delivery knows whether they are up to date. Field by field under names that stay, never
//! from the text of a type: renaming a field changes nothing, and adding one does not compile
//! until it is listed here.

use std::collections::BTreeMap;
use std::fmt::Display;

use resizer_engine::spec::{
    Animation, Effort, Filter, Fit, FormatSpec, Gravity, Hdr, Light, Metadata, OutputColor,
    OutputFormat, PngColors, Quality, Raw, Request, Rgba, Truncated, VariantSpec,
};
use resizer_engine::{ENGINE_REVISION, ImageFormat, Limits};

use crate::digest::sha256;
use crate::object_properties::{KmsKey, ObjectProperties};
use crate::rules::Output;
use crate::template::Template;

/// Of the list of fields below. Raised when their names or their meaning change, which makes every
/// stored result out of date.
const VERSION: u32 = 1;

/// Of results: the engine's revision, what is asked of it, and how results are named and kept.
pub fn of_results(request: &Request, output: &Output) -> String {
    of_results_by(ENGINE_REVISION, request, output)
}

fn of_results_by(engine: u32, request: &Request, output: &Output) -> String {
    let mut fields = Fields::default();
    fields.add("version", VERSION);
    fields.add("engine", engine);
    fields.request(request);
    fields.output(output);
    fields.digest()
}

/// Of what is asked for without a rule: the engine's revision, and the request.
pub fn of_request(request: &Request) -> String {
    let mut fields = Fields::default();
    fields.add("version", VERSION);
    fields.add("engine", ENGINE_REVISION);
    fields.request(request);
    fields.digest()
}

/// Of refusals: what decides results, and what a file may be refused for beside its own faults, so
/// that raised limits, a larger function and a build with more decoders reach refused files.
pub fn of_refusals(results: &str, limits: &Limits, max_source_bytes: u64) -> String {
    of_refusals_by(ImageFormat::ALL, results, limits, max_source_bytes)
}

fn of_refusals_by(
    decoders: &[ImageFormat],
    results: &str,
    limits: &Limits,
    max_source_bytes: u64,
) -> String {
    let Limits {
        max_pixels,
        max_side,
        max_animation_pixels,
        max_frames,
        max_scans,
        max_memory_bytes,
    } = limits;
    let mut fields = Fields::default();
    fields.add("results", results);
    fields.add("limits.pixels", max_pixels);
    fields.add("limits.side", max_side);
    fields.add("limits.moving_pixels", max_animation_pixels);
    fields.add("limits.frames", max_frames);
    fields.add("limits.scans", max_scans);
    fields.add("limits.memory_bytes", max_memory_bytes);
    fields.add("limits.source_bytes", max_source_bytes);
    fields.list("decoders", decoders.iter(), |fields, format| {
        fields.add("decoder", format);
    });
    fields.digest()
}

/// Names and values, one a line; the length before each value keeps one from looking like two.
#[derive(Default)]
struct Fields(String);

impl Fields {
    fn add(&mut self, name: &str, value: impl Display) {
        let value = value.to_string();
        self.0.push_str(&format!("{name}={}:{value}\n", value.len()));
    }

    fn add_option(&mut self, name: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.add(name, value),
            None => self.0.push_str(&format!("{name}\n")),
        }
    }

    fn list<T>(
        &mut self,
        name: &str,
        items: impl ExactSizeIterator<Item = T>,
        each: impl Fn(&mut Self, T),
    ) {
        self.add(name, items.len());
        items.for_each(|item| each(self, item));
    }

    fn digest(&self) -> String {
        sha256(self.0.as_bytes())[..16].to_owned()
    }

    fn request(&mut self, request: &Request) {
        let Request { variants, placeholders, animation, truncated, raw, trim } = request;
        self.list("variants", variants.iter(), Self::variant);
        self.add("placeholders", placeholders);
        self.add(
            "animation",
            match animation {
                Animation::FirstFrame => "first-frame",
                Animation::Animate => "animate",
            },
        );
        self.add(
            "truncated",
            match truncated {
                Truncated::Refuse => "refuse",
                Truncated::Accept => "accept",
            },
        );
        // Left out where it is the default, as the filter is.
        if *raw == Raw::Preview {
            self.add("raw", "preview");
        }
        self.add_option("trim", *trim);
    }

    fn variant(&mut self, variant: &VariantSpec) {
        let VariantSpec {
            name,
            width,
            height,
            fit,
            gravity,
            formats,
            quality,
            background: Rgba(background),
            enlarge,
            light,
            filter,
            png_colors,
            effort,
            color,
            metadata,
            hdr,
            sharpen,
        } = variant;
        self.add("name", name);
        self.add_option("width", *width);
        self.add_option("height", *height);
        self.add("fit", word_of_fit(*fit));
        self.add("gravity", word_of_gravity(*gravity));
        self.list("formats", formats.iter(), |fields, format| {
            fields.add("format", word_of_format(*format));
        });
        self.quality(*quality);
        self.add("background", crate::digest::hexadecimal(background));
        self.add("enlarge", enlarge);
        self.add(
            "light",
            match light {
                Light::Linear => "linear",
                Light::Gamma => "gamma",
            },
        );
        // Left out where it is the default, so that results from before there was a choice are up
        // to date.
        if *filter != Filter::default() {
            self.add("filter", filter.name());
        }
        self.add(
            "effort",
            match effort {
                Effort::Fast => "fast",
                Effort::Balanced => "balanced",
                Effort::Small => "small",
            },
        );
        self.add(
            "color",
            match color {
                OutputColor::Srgb => "srgb",
                OutputColor::Keep => "keep",
            },
        );
        self.add(
            "metadata",
            match metadata {
                Metadata::None => "none",
                Metadata::Copyright => "copyright",
                Metadata::All => "all",
            },
        );
        // Left out where it is the default, as the filter is.
        if *hdr == Hdr::Keep {
            self.add("hdr", "keep");
        }
        self.add("sharpen", sharpen);
        match png_colors {
            PngColors::Auto => {}
            PngColors::All => self.add("png_colors", "all"),
            PngColors::Palette => self.add("png_colors", "palette"),
        }
    }

    /// One line where all formats have the same, as it was before they could differ.
    fn quality(&mut self, quality: Quality) {
        let Quality { jpeg, webp, avif, png } = quality;
        if quality == Quality::uniform(jpeg) {
            return self.add("quality", jpeg);
        }
        self.add("quality.jpeg", jpeg);
        self.add("quality.webp", webp);
        self.add("quality.avif", avif);
        self.add("quality.png", png);
    }

    fn output(&mut self, output: &Output) {
        let Output { bucket, key, manifest, failure, base_url, versioned_urls, storage, variants } =
            output;
        self.add("bucket", bucket.to_stored());
        self.add("key", key.to_stored());
        self.add_option("manifest", manifest.as_ref().map(Template::to_stored));
        self.add("failure", failure.to_stored());
        self.add_option("base_url", base_url.as_ref());
        // No line without it, as it was before it could be said.
        if *versioned_urls {
            self.add("versioned_urls", versioned_urls);
        }
        self.storage(storage);
        self.list("storage_of_variants", variants.iter(), |fields, (name, storage)| {
            fields.add("of", name);
            fields.storage(storage);
        });
    }

    fn storage(&mut self, storage: &ObjectProperties) {
        let ObjectProperties { cache_control, tags, class, kms_key, copies_metadata } = storage;
        self.add_option("cache_control", cache_control.as_ref());
        self.tags(tags);
        self.add_option("storage_class", class.as_ref());
        match kms_key {
            Some(KmsKey { id, for_bucket }) => {
                self.add("kms_key", id);
                self.add("kms_bucket_key", for_bucket);
            }
            None => self.add_option("kms_key", None::<&str>),
        }
        self.add("copies_metadata", copies_metadata);
    }

    fn tags(&mut self, tags: &BTreeMap<String, String>) {
        self.list("tags", tags.iter(), |fields, (name, value)| {
            fields.add("tag", name);
            fields.add("value", value);
        });
    }
}

fn word_of_fit(fit: Fit) -> &'static str {
    match fit {
        Fit::Inside => "inside",
        Fit::Cover => "cover",
        Fit::Pad => "pad",
        Fit::Exact => "exact",
    }
}

fn word_of_gravity(gravity: Gravity) -> String {
    let word = match gravity {
        Gravity::Center => "center",
        Gravity::North => "north",
        Gravity::Northeast => "northeast",
        Gravity::East => "east",
        Gravity::Southeast => "southeast",
        Gravity::South => "south",
        Gravity::Southwest => "southwest",
        Gravity::West => "west",
        Gravity::Northwest => "northwest",
        Gravity::Attention => "attention",
        Gravity::Focal(x, y) => return format!("{x},{y}"),
    };
    word.to_owned()
}

fn word_of_format(format: FormatSpec) -> &'static str {
    match format {
        FormatSpec::Source => "source",
        FormatSpec::Auto => "auto",
        FormatSpec::Fixed(OutputFormat::Jpeg) => "jpeg",
        FormatSpec::Fixed(OutputFormat::Png) => "png",
        FormatSpec::Fixed(OutputFormat::Webp) => "webp",
        FormatSpec::Fixed(OutputFormat::Avif) => "avif",
        FormatSpec::Fixed(OutputFormat::Gif) => "gif",
    }
}

#[cfg(test)]
mod tests {
    use resizer_engine::{ENGINE_REVISION, ImageFormat, Limits};

    use super::{of_refusals, of_refusals_by, of_results, of_results_by};
    use crate::config::{Config, Settings};
    use crate::rules::Rule;

    fn rule(text: &str) -> Rule {
        let settings = Settings { text: Some(text.to_owned()), ..Settings::default() };
        Config::load(&settings).expect("a good configuration").rules.remove(0)
    }

    fn results(text: &str) -> String {
        let Rule { request, output, .. } = rule(text);
        of_results_by(1, &request, &output)
    }

    /// What is stored stays up to date as long as this holds. When the list of fields has to
    /// change, raise `VERSION` and take the new digits.
    #[test]
    fn the_fingerprint_of_a_rule_stays() {
        assert_eq!(results(""), "5c7893f6350f503b");
    }

    #[test]
    fn results_depend_on_the_revision_of_the_engine() {
        let Rule { request, output, .. } = rule("");
        let by = |engine| of_results_by(engine, &request, &output);
        assert_ne!(by(ENGINE_REVISION), by(ENGINE_REVISION - 1));
        assert_eq!(by(ENGINE_REVISION), of_results(&request, &output));
    }

    #[test]
    fn refusals_depend_on_the_decoders_of_the_build() {
        let all = ImageFormat::ALL;
        let by = |decoders: &[ImageFormat]| of_refusals_by(decoders, "", &Limits::default(), 1);
        assert_ne!(by(all), by(&all[1..]));
        assert_eq!(by(all), of_refusals("", &Limits::default(), 1));
    }

    #[test]
    fn refusals_depend_on_limits_and_results_do_not() {
        let results = results("");
        let limits = Limits::default();
        let plain = of_refusals(&results, &limits, 1 << 20);
        let changed = [
            of_refusals("other results", &limits, 1 << 20),
            of_refusals(&results, &limits, 2 << 20),
            of_refusals(&results, &Limits { max_pixels: 1, ..limits }, 1 << 20),
            of_refusals(&results, &Limits { max_side: 1, ..limits }, 1 << 20),
            of_refusals(&results, &Limits { max_animation_pixels: 1, ..limits }, 1 << 20),
            of_refusals(&results, &Limits { max_frames: 1, ..limits }, 1 << 20),
            of_refusals(&results, &Limits { max_scans: 1, ..limits }, 1 << 20),
            of_refusals(&results, &Limits { max_memory_bytes: 1, ..limits }, 1 << 20),
        ];
        for (index, one) in changed.iter().enumerate() {
            assert_ne!(*one, plain, "{index}");
            assert!(!changed[..index].contains(one), "{index}");
        }
    }
}
