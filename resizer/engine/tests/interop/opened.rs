//! Files as Pillow opens them: format, mode, size, frames, times.

use image::RgbaImage;

use crate::tools::Tools;

/// One file.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) format: String,
    pub(crate) mode: String,
    pub(crate) size: (u32, u32),
    /// As they are seen.
    pub(crate) frames: Vec<RgbaImage>,
    /// In milliseconds.
    pub(crate) durations: Vec<u32>,
    /// As the file has it; `None` where it says nothing.
    pub(crate) plays: Option<u32>,
}

/// Opens files of these names.
pub(crate) fn open(tools: &Tools, files: &[(String, Vec<u8>)]) -> Vec<Opened> {
    let folder = tools.run("opened.py", files);
    files
        .iter()
        .map(|(name, _)| {
            let text = String::from_utf8(folder.read(name, "txt")).expect("UTF-8");
            read(name, &text, &folder.read(name, "raw"))
        })
        .collect()
}

fn read(name: &str, text: &str, raw: &[u8]) -> Opened {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name}: {key} in {text}"))
    };
    let number = |key: &str| value(key).parse().expect("a number");
    let size: (u32, u32) = (number("width"), number("height"));
    let frame_bytes = (size.0 * size.1 * 4) as usize;
    let frames = raw
        .chunks_exact(frame_bytes)
        .map(|frame| RgbaImage::from_raw(size.0, size.1, frame.to_vec()).expect("as many samples"));
    let frames: Vec<RgbaImage> = frames.collect();
    assert_eq!(frames.len(), number("frames") as usize, "{name}");
    Opened {
        format: value("format").to_owned(),
        mode: value("mode").to_owned(),
        size,
        frames,
        durations: value("durations").split(' ').map(|ms| ms.parse().expect("a time")).collect(),
        plays: value("loop").parse().ok(),
    }
}
