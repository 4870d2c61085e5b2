//! libjpeg-turbo, for comparison: planes and pixels out, files in; and how sure it was of them.
//! The only file of the tests that calls C.
#![expect(unsafe_code, reason = "the one wrapper of the C library that the tests compare with")]

use std::ffi::{CStr, c_int, c_uchar, c_void};
use std::ptr;

use resizer_jpeg::Scale;
use turbojpeg::raw;

/// Pictures with more are refused: 300 million, so that a few seconds are enough for each file.
pub(crate) const MAX_PIXELS: u64 = 300_000_000;

/// What the library made of a file.
#[derive(Debug, Clone)]
pub(crate) enum Outcome<T> {
    /// It had nothing to say.
    Clean(T),
    /// It decoded what it could.
    Warned(T, String),
    /// It refused.
    Refused(String),
}

impl<T> Outcome<T> {
    /// What it decoded, with or without a warning.
    pub(crate) fn decoded(&self) -> Option<&T> {
        match self {
            Self::Clean(value) | Self::Warned(value, _) => Some(value),
            Self::Refused(_) => None,
        }
    }

    /// One word for a table, and the library's own.
    pub(crate) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Clean(_) => ("clean", ""),
            Self::Warned(_, words) => ("warned", words),
            Self::Refused(words) => ("refused", words),
        }
    }
}

/// One component, or pixels of `width * channels` samples a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Samples {
    /// Row after row, none between them.
    pub(crate) pixels: Vec<u8>,
    /// Samples in a row.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
}

/// How packed pixels are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packed {
    /// One sample: the luma as it stands in the file.
    Gray,
    /// Three.
    Rgb,
    /// Four, as they stand in the file or made of YCCK.
    Cmyk,
}

/// How smaller planes are widened to the picture's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Widening {
    /// With a triangle filter, the library's default.
    Interpolated,
    /// Sample by sample.
    Repeated,
}

/// The samplings that the library has a name for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sampling {
    /// 4:4:4
    Same,
    /// 4:2:2
    HalfWidth,
    /// 4:2:0
    Quarter,
}

/// How the library is to encode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    /// 1 to 100.
    pub(crate) quality: c_int,
    /// Of the planes.
    pub(crate) sampling: Sampling,
    /// Huffman tables made for the picture.
    pub(crate) optimized: bool,
    /// Several scans.
    pub(crate) progressive: bool,
    /// MCU rows from one restart marker to the next, 0 for none.
    pub(crate) restart_rows: c_int,
}

/// A file's planes at a scale, by the accurate integer transform.
pub(crate) fn planes(file: &[u8], scale: Scale) -> Outcome<Vec<Samples>> {
    let mut decoder = Decoder::new();
    match decoder.decode(file, scale) {
        Outcome::Clean(()) => Outcome::Clean(decoder.planes),
        Outcome::Warned((), words) => Outcome::Warned(decoder.planes, words),
        Outcome::Refused(words) => Outcome::Refused(words),
    }
}

/// Keeps its memory from one file to the next, as a rival should.
pub(crate) struct Decoder {
    handle: Handle,
    /// Of the last file.
    pub(crate) planes: Vec<Samples>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self { handle: Handle::new(raw::TJINIT_TJINIT_DECOMPRESS), planes: Vec::new() }
    }

    pub(crate) fn decode(&mut self, file: &[u8], scale: Scale) -> Outcome<()> {
        let handle = &self.handle;
        let warning = match handle.read_header(file, scale) {
            Ok(warning) => warning,
            Err(words) => return Outcome::Refused(words),
        };
        let (width, height) = handle.scaled_size(scale);
        let sampling = handle.get(raw::TJPARAM_TJPARAM_SUBSAMP);
        if sampling == raw::TJSAMP_TJSAMP_UNKNOWN {
            return Outcome::Refused("a subsampling without a name".into());
        }
        let gray = sampling == raw::TJSAMP_TJSAMP_GRAY;
        self.planes.resize(if gray { 1 } else { 3 }, Samples::default());
        for (plane, index) in self.planes.iter_mut().zip(0..) {
            let Some((width, height)) = plane_size(index, width, height, sampling) else {
                return Outcome::Refused(handle.words());
            };
            if (plane.width, plane.height) != (width, height) {
                *plane = Samples { pixels: vec![0; width * height], width, height };
            }
        }
        let mut pointers = [ptr::null_mut::<c_uchar>(); 3];
        for (pointer, plane) in pointers.iter_mut().zip(&mut self.planes) {
            *pointer = plane.pixels.as_mut_ptr();
        }
        // SAFETY: the pointers are to planes of the sizes that the library asked for, no gaps.
        let code = unsafe {
            raw::tj3DecompressToYUVPlanes8(
                handle.0,
                file.as_ptr(),
                file.len() as raw::size_t,
                pointers.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        handle.outcome(code, warning, ())
    }
}

/// A file's pixels at scale 1.
pub(crate) fn packed(file: &[u8], packed: Packed, widening: Widening) -> Outcome<Samples> {
    let handle = Handle::new(raw::TJINIT_TJINIT_DECOMPRESS);
    handle.set(raw::TJPARAM_TJPARAM_FASTUPSAMPLE, (widening == Widening::Repeated).into());
    let warning = match handle.read_header(file, Scale::Full) {
        Ok(warning) => warning,
        Err(words) => return Outcome::Refused(words),
    };
    let (width, height) = handle.scaled_size(Scale::Full);
    let (format, channels) = match packed {
        Packed::Gray => (raw::TJPF_TJPF_GRAY, 1),
        Packed::Rgb => (raw::TJPF_TJPF_RGB, 3),
        Packed::Cmyk => (raw::TJPF_TJPF_CMYK, 4),
    };
    let (width, height) = (width as usize * channels, height as usize);
    let mut samples = Samples { pixels: vec![0; width * height], width, height };
    // SAFETY: the buffer holds `height` rows of `width` pixels in the format given.
    let code = unsafe {
        raw::tj3Decompress8(
            handle.0,
            file.as_ptr(),
            file.len() as raw::size_t,
            samples.pixels.as_mut_ptr(),
            0,
            format,
        )
    };
    handle.outcome(code, warning, samples)
}

/// Encodes planes that have the sizes which [`planes`] gives for `width`, `height` and sampling.
///
/// # Panics
/// If they have not.
pub(crate) fn encode(planes: &[Samples], width: usize, height: usize, recipe: &Recipe) -> Vec<u8> {
    let mut file = Vec::new();
    encode_into(&mut file, planes, width, height, recipe);
    file
}

/// The same into memory that is kept; `file` is as long as the file behind it.
pub(crate) fn encode_into(
    file: &mut Vec<u8>,
    planes: &[Samples],
    width: usize,
    height: usize,
    recipe: &Recipe,
) {
    let handle = Handle::new(raw::TJINIT_TJINIT_COMPRESS);
    let sampling = match recipe.sampling {
        Sampling::Same => raw::TJSAMP_TJSAMP_444,
        Sampling::HalfWidth => raw::TJSAMP_TJSAMP_422,
        Sampling::Quarter => raw::TJSAMP_TJSAMP_420,
    };
    handle.set(raw::TJPARAM_TJPARAM_NOREALLOC, 1);
    handle.set(raw::TJPARAM_TJPARAM_QUALITY, recipe.quality);
    handle.set(raw::TJPARAM_TJPARAM_SUBSAMP, sampling);
    handle.set(raw::TJPARAM_TJPARAM_OPTIMIZE, recipe.optimized.into());
    handle.set(raw::TJPARAM_TJPARAM_PROGRESSIVE, recipe.progressive.into());
    handle.set(raw::TJPARAM_TJPARAM_RESTARTROWS, recipe.restart_rows);
    let (columns, rows) = (width as c_int, height as c_int);
    let mut pointers = [ptr::null::<c_uchar>(); 3];
    for ((pointer, plane), index) in pointers.iter_mut().zip(planes).zip(0..) {
        let size = plane_size(index, columns, rows, sampling);
        assert_eq!(size, Some((plane.width, plane.height)), "plane {index}");
        assert_eq!(plane.pixels.len(), plane.width * plane.height, "plane {index}");
        *pointer = plane.pixels.as_ptr();
    }
    // SAFETY: plain arithmetic on numbers.
    let most = unsafe { raw::tj3JPEGBufSize(columns, rows, sampling) };
    file.resize(most as usize, 0);
    let (mut bytes, mut length) = (file.as_mut_ptr(), most);
    // SAFETY: the pointers are to planes of the sizes just checked and to as many bytes as the
    // library may need, which it was told not to give back or move.
    let code = unsafe {
        raw::tj3CompressFromYUVPlanes8(
            handle.0,
            pointers.as_ptr(),
            columns,
            ptr::null(),
            rows,
            &raw mut bytes,
            &raw mut length,
        )
    };
    assert_eq!(code, 0, "{}", handle.words());
    file.truncate(length as usize);
}

/// The same coefficients in another file: all in one scan or in several, with tables of their own
/// or, which only a single scan can have, the standard ones.
///
/// # Panics
/// If the library refuses.
pub(crate) fn transcode(file: &[u8], optimized: bool, progressive: bool) -> Vec<u8> {
    let handle = Handle::new(raw::TJINIT_TJINIT_TRANSFORM);
    let mut options = raw::TJXOPT_COPYNONE;
    options |= if progressive { raw::TJXOPT_PROGRESSIVE } else { 0 };
    options |= if optimized { raw::TJXOPT_OPTIMIZE } else { 0 };
    // SAFETY: a struct of numbers and pointers, for which zero means the default.
    let mut transform: raw::tjtransform = unsafe { std::mem::zeroed() };
    transform.options = options as c_int;
    let (mut bytes, mut length) = (ptr::null_mut(), 0);
    // SAFETY: one transform, one output, which the library allocates; it is copied and given back.
    unsafe {
        let code = raw::tj3Transform(
            handle.0,
            file.as_ptr(),
            file.len() as raw::size_t,
            1,
            &raw mut bytes,
            &raw mut length,
            &raw const transform,
        );
        assert_eq!(code, 0, "{}", handle.words());
        let file = std::slice::from_raw_parts(bytes, length as usize).to_vec();
        raw::tj3Free(bytes.cast::<c_void>());
        file
    }
}

/// Width and height of a plane as the library has them.
fn plane_size(
    index: c_int,
    width: c_int,
    height: c_int,
    sampling: raw::TJSAMP,
) -> Option<(usize, usize)> {
    // SAFETY: plain arithmetic on numbers.
    let size = unsafe {
        [
            raw::tj3YUVPlaneWidth(index, width, sampling),
            raw::tj3YUVPlaneHeight(index, height, sampling),
        ]
    };
    let [width, height] = size.map(|side| usize::try_from(side).ok().filter(|&side| side > 0));
    width.zip(height)
}

/// An instance of the library, given back when dropped.
struct Handle(raw::tjhandle);

impl Handle {
    fn new(kind: raw::TJINIT) -> Self {
        // SAFETY: takes a number; null is an answer that is looked at.
        let handle = unsafe { raw::tj3Init(kind as c_int) };
        assert!(!handle.is_null(), "no memory for the library");
        Self(handle)
    }

    fn set(&self, parameter: raw::TJPARAM, value: c_int) {
        // SAFETY: the handle is alive, the rest numbers.
        let code = unsafe { raw::tj3Set(self.0, parameter as c_int, value) };
        assert_eq!(code, 0, "{}", self.words());
    }

    fn get(&self, parameter: raw::TJPARAM) -> c_int {
        // SAFETY: the handle is alive, the rest a number.
        unsafe { raw::tj3Get(self.0, parameter as c_int) }
    }

    /// Reads a file's header and sets the scale; gives the warning if there is one.
    fn read_header(&self, file: &[u8], scale: Scale) -> Result<Option<String>, String> {
        self.set(raw::TJPARAM_TJPARAM_MAXPIXELS, MAX_PIXELS as c_int);
        // SAFETY: a slice's own pointer and length.
        let code =
            unsafe { raw::tj3DecompressHeader(self.0, file.as_ptr(), file.len() as raw::size_t) };
        let header = self.outcome(code, None, ());
        let side = scale.eighths() as c_int;
        // Compared number by number with the library's, which are reduced.
        let common = 1 << side.trailing_zeros();
        let factor = raw::tjscalingfactor { num: side / common, denom: 8 / common };
        match header {
            Outcome::Refused(words) => Err(words),
            // SAFETY: the handle is alive, the rest numbers.
            _ if unsafe { raw::tj3SetScalingFactor(self.0, factor) } != 0 => Err(self.words()),
            Outcome::Clean(()) => Ok(None),
            Outcome::Warned((), words) => Ok(Some(words)),
        }
    }

    fn scaled_size(&self, scale: Scale) -> (c_int, c_int) {
        let side =
            |pixels: c_int| (pixels as usize * scale.eighths() as usize).div_ceil(8) as c_int;
        (
            side(self.get(raw::TJPARAM_TJPARAM_JPEGWIDTH)),
            side(self.get(raw::TJPARAM_TJPARAM_JPEGHEIGHT)),
        )
    }

    fn words(&self) -> String {
        // SAFETY: the library's string lives as long as the handle and ends with 0.
        unsafe { CStr::from_ptr(raw::tj3GetErrorStr(self.0)) }.to_string_lossy().into_owned()
    }

    /// What a call made of a file whose header came with `warning`. The library's own code says
    /// "warning" of an error, too, if a warning came before it; so its words decide.
    fn outcome<T>(&self, code: c_int, warning: Option<String>, value: T) -> Outcome<T> {
        let words = match (code, warning) {
            (0, None) => return Outcome::Clean(value),
            (0, Some(words)) => words,
            _ => self.words(),
        };
        match WARNINGS.iter().any(|warning| words.starts_with(warning)) {
            true => Outcome::Warned(value, words),
            false => Outcome::Refused(words),
        }
    }
}

/// How the library's warnings begin that damaged data can bring about.
const WARNINGS: [&str; 6] = [
    "Corrupt JPEG data",
    "Inconsistent progression sequence",
    "Invalid SOS parameters for sequential JPEG",
    "Premature end of JPEG file",
    "Unknown Adobe color transform code",
    "Warning: unknown JFIF revision",
];

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is alive and not used again.
        unsafe { raw::tj3Destroy(self.0) };
    }
}
