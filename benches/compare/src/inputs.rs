//! The pictures of a run, as files under target/compare/inputs: the photographs of `--photos`,
//! or generated ones. None of them carries metadata, so that no rival has to convert
//! colors or turn a picture that others leave as it is.

use std::fs;
use std::path::{Path, PathBuf};

use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::{Rgba, RgbaImage};
use resizer_engine::spec::{OutputFormat, PngColors, VariantSpec};
use sha2::{Digest, Sha256};

use crate::floor::Floor;
use crate::install::Installed;
use crate::jobs::Source;
use crate::options::Options;
use crate::segments;
use crate::{Outcome, ours};

const PHOTO: &str = "Ultra_HDR_Samples_Originals_05.jpg";
const LARGE_PHOTO: &str = "Martin_Adams.jpg";

/// Width of the PNG: wider than its widest variant, small enough for slow PNG encoders.
const PNG_WIDTH: u32 = 2400;

/// One picture.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) source: Source,
    pub(crate) path: PathBuf,
    /// Width and height in pixels.
    pub(crate) size: [u32; 2],
    pub(crate) bytes: usize,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
    /// Where it comes from.
    pub(crate) story: String,
}

/// One for each source.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    pub(crate) all: Vec<Input>,
}

impl Inputs {
    /// Makes them all.
    ///
    /// # Errors
    /// If a file cannot be read, changed or written.
    pub(crate) fn new(folder: &Path, options: &Options, installed: &Installed) -> Outcome<Self> {
        let folder = folder.join("inputs");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        eprintln!("preparing the inputs ...");
        let maker = Maker { folder };
        let jpegs = match (&options.photos, installed.floor()) {
            (Some(photos), Some(floor)) => maker.photographs(photos, &floor)?,
            (Some(_), None) => {
                let reason = installed.no_floor().map_or("it is missing", String::as_str);
                return Err(format!("--photos needs libjpeg-turbo: {reason}"));
            }
            (None, _) => maker.generated()?,
        };
        let baseline = fs::read(&jpegs[0].path).map_err(|error| error.to_string())?;
        let (png, webp) = (maker.png(&baseline)?, maker.webp(&baseline)?);
        Ok(Self { all: jpegs.into_iter().chain([png, webp]).collect() })
    }

    /// The picture of a source.
    pub(crate) fn of(&self, source: Source) -> &Input {
        let found = self.all.iter().find(|input| input.source == source);
        found.expect("there is an input for every source")
    }
}

struct Maker {
    folder: PathBuf,
}

impl Maker {
    fn photographs(&self, photos: &Path, floor: &Floor) -> Outcome<Vec<Input>> {
        let read = |name: &str| fs::read(photos.join(name)).map_err(|error| error.to_string());
        let plain = segments::without_metadata(&read(PHOTO)?).ok_or("the photograph is damaged")?;
        let story = format!("{PHOTO}, metadata and second picture removed, coding untouched");
        let baseline = self.write(Source::Baseline, "photo.jpg", &plain, story)?;

        let to = self.folder.join("photo-progressive.jpg");
        floor.transcode("progressive", &baseline.path, &to)?;
        let story = "the same coefficients, written progressively by libjpeg-turbo without loss";
        let progressive = self.input(Source::Progressive, to, story.into())?;

        let to = self.folder.join("photo-large.jpg");
        floor.transcode("baseline", &photos.join(LARGE_PHOTO), &to)?;
        let story = format!(
            "{LARGE_PHOTO}, which is progressive, written as baseline by libjpeg-turbo without \
             loss and without metadata; strongly compressed by whoever stored it"
        );
        let large = self.input(Source::Large, to, story)?;
        Ok(vec![baseline, progressive, large])
    }

    fn generated(&self) -> Outcome<Vec<Input>> {
        let twelve = photograph(4000, 3000, 1);
        let plain = jpeg(&twelve, &JpegOptions::default());
        let story = "generated: fixtures::scene::photograph(4000, 3000, 1), quality 90";
        let baseline = self.write(Source::Baseline, "generated.jpg", &plain, story.into())?;
        let options = JpegOptions { progressive: true, ..JpegOptions::default() };
        let story = "the same pixels, encoded progressively by fixtures";
        let name = "generated-progressive.jpg";
        let coded = jpeg(&twelve, &options);
        let progressive = self.write(Source::Progressive, name, &coded, story.into())?;
        let large = jpeg(&photograph(6000, 4000, 1), &JpegOptions::default());
        let story = "generated: fixtures::scene::photograph(6000, 4000, 1), quality 90";
        let large = self.write(Source::Large, "generated-large.jpg", &large, story.into())?;
        Ok(vec![baseline, progressive, large])
    }

    /// The 12 megapixels made smaller, on an ellipse with a soft edge.
    fn png(&self, baseline: &[u8]) -> Outcome<Input> {
        let small = made_by_us(baseline, PNG_WIDTH, OutputFormat::Png)?;
        let small = image::load_from_memory(&small).map_err(|error| error.to_string())?;
        let samples = Samples::rgba(&on_an_ellipse(&small.to_rgba8()));
        let story = "the 12 megapixels on an ellipse with a soft edge, written by fixtures";
        let bytes = png(&samples, &PngOptions::default());
        self.write(Source::Png, "alpha.png", &bytes, story.into())
    }

    fn webp(&self, baseline: &[u8]) -> Outcome<Input> {
        let bytes = made_by_us(baseline, u32::from(u16::MAX), OutputFormat::Webp)?;
        let story = "the 12 megapixels as lossy WebP of quality 90, written by this engine";
        self.write(Source::Webp, "photo.webp", &bytes, story.into())
    }

    fn write(&self, source: Source, name: &str, bytes: &[u8], story: String) -> Outcome<Input> {
        let path = self.folder.join(name);
        fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        self.input(source, path, story)
    }

    fn input(&self, source: Source, path: PathBuf, story: String) -> Outcome<Input> {
        let file = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let size = image::image_dimensions(&path).map_err(|error| error.to_string())?;
        let digest = Sha256::digest(&file);
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Input { source, path, size: size.into(), bytes: file.len(), sha256, story })
    }
}

fn made_by_us(source: &[u8], width: u32, format: OutputFormat) -> Outcome<Vec<u8>> {
    let all = ours::spec(width, format, 90, "balanced-gamma")?;
    let spec = VariantSpec { png_colors: PngColors::All, ..all };
    let file = ours::render_all(source, &vec![spec].into(), &mut |_| {})?.pop();
    file.ok_or_else(|| "no variant".into())
}

/// With an edge of growing alpha.
pub(crate) fn on_an_ellipse(picture: &RgbaImage) -> RgbaImage {
    let (width, height) = picture.dimensions();
    RgbaImage::from_fn(width, height, |x, y| {
        let from_middle = |at: u32, side: u32| (f64::from(at) + 0.5) * 2.0 / f64::from(side) - 1.0;
        let away = from_middle(x, width).hypot(from_middle(y, height));
        let alpha = ((1.0 - away) * 5.0).clamp(0.0, 1.0) * 255.0;
        let [red, green, blue, _] = picture.get_pixel(x, y).0;
        Rgba([red, green, blue, alpha.round() as u8])
    })
}
