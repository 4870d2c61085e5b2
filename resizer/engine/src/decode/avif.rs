//! AVIF through rav1d: the primary picture tile by tile, with its alpha, as 8-bit pixels; or the
//! frames of an animation.

mod frames;
mod said;

use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings};

pub(super) use self::frames::AvifFrames;
use self::said::said_of;
use super::planes::{Plane, PlaneLayout, Planes, Row, Samples, straight};
use crate::color::ColorDescription;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::{Raster, Rect, Size, crop};
use crate::source::{HeifCoded, HeifMatrix, HeifPicture};
use crate::stop::Stop;

/// The pixels, and what the coded picture says of their colors.
pub(super) fn decode(
    avif: &HeifPicture<'_>,
    stop: &Stop,
) -> Result<(Raster, Option<ColorDescription>), Reject> {
    let mut pixels = Pixels::of(avif);
    let mut code_points = None;
    each_tile(&avif.color, stop, |tile, place| {
        code_points = code_points.take().or_else(|| tile.colors.clone());
        pixels.put_colors(tile, place)
    })?;
    if let Some(alpha) = &avif.alpha {
        each_tile(alpha, stop, |tile, place| pixels.put_alpha(tile, place))?;
    }
    Ok((pixels.into_raster(), code_points))
}

/// The pixels of a picture in the making.
struct Pixels<'a> {
    avif: &'a HeifPicture<'a>,
    bytes: Vec<u8>,
    channels: usize,
    /// Those that are no alpha.
    colors: usize,
    row: Row,
}

impl<'a> Pixels<'a> {
    /// Black, or transparent.
    fn of(avif: &'a HeifPicture<'a>) -> Self {
        let layout = avif.layout();
        let channels = layout.channels();
        let bytes = vec![0; Raster::byte_length(avif.color.size, layout)];
        let colors = channels - usize::from(layout.has_alpha());
        Self { avif, bytes, channels, colors, row: Row::default() }
    }

    fn put_colors(&mut self, tile: &Tile, place: &Place) -> Result<(), Reject> {
        let planes = planes(&tile.picture, self.avif.matrix.unwrap_or(tile.matrix))?;
        for y in 0..place.rows {
            if self.colors == 1 {
                planes.gray(y, &mut self.row);
            } else {
                planes.rgb(y, &mut self.row);
            }
            let out = place.row(&mut self.bytes, y, self.channels);
            for (color, samples) in self.row.channels[..self.colors].iter().enumerate() {
                interleave(&samples[..place.columns], &mut out[color..], self.channels);
            }
        }
        Ok(())
    }

    fn put_alpha(&mut self, tile: &Tile, place: &Place) -> Result<(), Reject> {
        let planes = planes(&tile.picture, tile.matrix)?;
        for y in 0..place.rows {
            planes.gray(y, &mut self.row);
            let out = &mut place.row(&mut self.bytes, y, self.channels)[self.colors..];
            interleave(&self.row.channels[0][..place.columns], out, self.channels);
        }
        Ok(())
    }

    /// What is to be seen, not premultiplied.
    fn into_raster(mut self) -> Raster {
        if self.avif.is_premultiplied {
            for pixel in self.bytes.chunks_exact_mut(self.channels) {
                let (colors, alpha) = pixel.split_at_mut(self.colors);
                colors.iter_mut().for_each(|color| *color = straight(*color, alpha[0]));
            }
        }
        let raster = Raster::new(self.avif.color.size, self.avif.layout(), self.bytes);
        cropped(raster, self.avif.aperture)
    }
}

/// Puts samples every `step` bytes.
fn interleave(samples: &[u8], out: &mut [u8], step: usize) {
    for (out, &sample) in out.iter_mut().step_by(step).zip(samples) {
        *out = sample;
    }
}

/// A part of a raster, which is given back as it is where the part is all of it.
fn cropped(raster: Raster, part: Rect) -> Raster {
    if part.size == raster.size() { raster } else { crop(&raster, part) }
}

/// One coded picture, decoded.
struct Tile {
    picture: Picture,
    /// What it says of itself.
    matrix: HeifMatrix,
    colors: Option<ColorDescription>,
}

/// Where a tile lies, as far as it is inside the picture.
struct Place {
    x: usize,
    y: usize,
    columns: usize,
    rows: usize,
    /// Of the whole picture.
    width: usize,
}

impl Place {
    /// That of the only tile.
    fn whole(size: Size) -> Self {
        let (width, height) = (size.width() as usize, size.height() as usize);
        Self { x: 0, y: 0, columns: width, rows: height, width }
    }

    /// The pixels from a tile's row on.
    fn row<'a>(&self, pixels: &'a mut [u8], y: usize, channels: usize) -> &'a mut [u8] {
        &mut pixels[((self.y + y) * self.width + self.x) * channels..]
    }
}

fn each_tile(
    coded: &HeifCoded<'_>,
    stop: &Stop,
    mut take: impl FnMut(&Tile, &Place) -> Result<(), Reject>,
) -> Result<(), Reject> {
    let (width, height) = (coded.size.width() as usize, coded.size.height() as usize);
    let tile = (coded.tile_size.width() as usize, coded.tile_size.height() as usize);
    let places = (0..coded.rows as usize)
        .flat_map(|row| (0..coded.columns as usize).map(move |column| (column, row)));
    let mut decoder = new_decoder(coded.tile_size)
        .map_err(|error| Reject::malformed(ImageFormat::Avif, error))?;
    for (data, (column, row)) in coded.tiles.iter().map(|tile| &*tile.data).zip(places) {
        if stop.is_set() {
            return Err(Reject::malformed(ImageFormat::Avif, "stopped between two tiles"));
        }
        // Black, or transparent.
        if data.is_empty() {
            continue;
        }
        let (x, y) = (column * tile.0, row * tile.1);
        let (columns, rows) = (tile.0.min(width - x), tile.1.min(height - y));
        // Nothing is left of the tile before.
        decoder.flush();
        let tile = decode_tile(&mut decoder, data, coded.tile_size)?;
        take(&tile, &Place { x, y, columns, rows, width })?;
    }
    Ok(())
}

/// One coded picture.
fn decode_tile(decoder: &mut Decoder, data: &[u8], size: Size) -> Result<Tile, Reject> {
    let picture = last_picture(decoder, data);
    let picture = picture.map_err(|detail| Reject::malformed(ImageFormat::Avif, detail))?;
    let (matrix, colors) = said_of(&picture);
    let tile = Tile { picture, matrix, colors };
    let (width, height) = (tile.picture.width(), tile.picture.height());
    if (width, height) != (size.width(), size.height()) {
        let detail = format!("a picture of {width}x{height} where {size} was announced");
        return Err(Reject::malformed(ImageFormat::Avif, detail));
    }
    Ok(tile)
}

/// For pictures of this size. One for all tiles: each takes memory that the allocator does not get
/// back in one piece.
fn new_decoder(size: Size) -> Result<Decoder, String> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    // Nothing larger than what the boxes announced, and the limits admitted, is decoded.
    settings.set_frame_size_limit(u32::try_from(size.pixels()).unwrap_or(u32::MAX));
    Decoder::with_settings(&settings).map_err(|error| error.to_string())
}

/// What the data show in the end: of several layers the last one.
fn last_picture(decoder: &mut Decoder, data: &[u8]) -> Result<Picture, String> {
    let mut last = None;
    let mut sent = decoder.send_data(data.to_vec(), None, None, None);
    loop {
        match decoder.get_picture() {
            Ok(picture) => last = Some(picture),
            Err(error) if !error.is_again() => return Err(error.to_string()),
            Err(_) if sent.is_ok() => break,
            Err(_) => {}
        }
        match sent {
            Ok(()) => {}
            Err(error) if error.is_again() => sent = decoder.send_pending_data(),
            Err(error) => return Err(error.to_string()),
        }
    }
    last.ok_or_else(|| "no picture in its data".to_owned())
}

/// The planes of a picture, to be read by `matrix`.
fn planes(picture: &Picture, matrix: HeifMatrix) -> Result<Planes, Reject> {
    let layout = picture.pixel_layout();
    let shifts = match layout {
        PixelLayout::I420 => [1, 1],
        PixelLayout::I422 => [1, 0],
        PixelLayout::I400 | PixelLayout::I444 => [0, 0],
    };
    let bits = picture.bit_depth() as u32;
    let plane = |index: usize| {
        let component = PlanarImageComponent::from(index);
        let (plane, stride) = (picture.plane(component), picture.stride(component) as usize);
        match bits {
            8 => Plane { samples: Samples::U8(plane), start: 0, stride },
            _ => Plane { samples: Samples::U16(plane), start: 0, stride: stride / 2 },
        }
    };
    let count = if layout == PixelLayout::I400 { 1 } else { 3 };
    let size = [picture.width() as usize, picture.height() as usize];
    Planes::new((0..count).map(plane).collect(), PlaneLayout { size, shifts, bits }, matrix)
}
