//! HEIC through `heic-decoder`: a row of tiles at a time, with its alpha, as bands of 8-bit pixels.
//! The crate decodes one coded picture on one thread; everything else of it stays unused.

#[cfg(test)]
mod tests;

use heic_decoder::hevc::ctu::{Picture, Plane as HevcPlane};
use heic_decoder::isobmff::ResolvedImage;

use super::planes::{Plane, PlaneLayout, Planes, Row, Samples, straight};
use super::{BAND_ROWS, Pixels};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::parallel;
use crate::raster::Raster;
use crate::source::{
    HEIF_TILES_AT_A_TIME, HeifCoded, HeifMatrix, HeifPicture, HeifTile, Hevc, hevc_reject,
};
use crate::stop::Stop;

/// A HEIC being decoded.
pub(super) struct HeicRows<'a> {
    picture: &'a HeifPicture<'a>,
    color: TileRows<'a>,
    alpha: Option<TileRows<'a>>,
    /// Of the aperture.
    rows_done: u32,
}

impl<'a> HeicRows<'a> {
    pub(super) fn new(picture: &'a HeifPicture<'a>, stop: &Stop) -> Self {
        let layout = picture.layout();
        let channels = layout.channels() - usize::from(layout.has_alpha());
        let matrix = picture.matrix.unwrap_or(HeifMatrix::UNSPECIFIED);
        // Alpha has no range of its own: all of its values count.
        let full_range = HeifMatrix { full_range: true, ..HeifMatrix::UNSPECIFIED };
        let alpha = picture.alpha.as_ref();
        Self {
            picture,
            color: TileRows::new(&picture.color, matrix, channels, stop),
            alpha: alpha.map(|alpha| TileRows::new(alpha, full_range, 1, stop)),
            rows_done: 0,
        }
    }

    /// Decodes tiles on that many threads from now on, where several lie beside each other; whether
    /// they do.
    pub(super) fn divide(&mut self, threads: usize) -> bool {
        for tiles in [Some(&mut self.color), self.alpha.as_mut()].into_iter().flatten() {
            tiles.threads = threads.clamp(1, HEIF_TILES_AT_A_TIME);
        }
        self.color.coded.columns > 1
    }

    /// # Errors
    /// `Malformed` and `Unsupported`, as the decoder says; `Malformed` once the job is stopped.
    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> Result<bool, Reject> {
        let (size, channels) = (self.picture.aperture.size, self.picture.layout().channels());
        let left = size.height() - self.rows_done;
        for _ in 0..left.min(BAND_ROWS as u32) {
            self.next_row(rows.space(size.width() as usize, channels, 1))?;
            rows.shape.count += 1;
        }
        Ok(left > 0)
    }

    /// All rows that are left.
    ///
    /// # Errors
    /// As with bands.
    pub(super) fn whole(mut self) -> Result<Raster, Reject> {
        let (size, layout) = (self.picture.aperture.size, self.picture.layout());
        let (width, channels) = (size.width() as usize, layout.channels());
        let mut pixels = Vec::with_capacity(Raster::byte_length(size, layout));
        let mut row = vec![0; width * channels];
        while self.rows_done < size.height() {
            self.next_row(&mut row)?;
            for x in 0..width {
                pixels.extend((0..channels).map(|channel| row[channel * width + x]));
            }
        }
        Ok(Raster::new(size, layout, pixels))
    }

    /// Puts the next row of the aperture together, one channel behind the other.
    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Reject> {
        let aperture = self.picture.aperture;
        let width = aperture.size.width() as usize;
        let y = aperture.y + self.rows_done;
        let (colors, alpha) = row.split_at_mut(self.color.channels * width);
        self.color.copy_row(y, aperture.x as usize, colors)?;
        if let Some(tiles) = &mut self.alpha {
            tiles.copy_row(y, aperture.x as usize, alpha)?;
        }
        if self.picture.is_premultiplied && !alpha.is_empty() {
            for channel in colors.chunks_exact_mut(width) {
                for (color, &alpha) in channel.iter_mut().zip(&*alpha) {
                    *color = straight(*color, alpha);
                }
            }
        }
        self.rows_done += 1;
        Ok(())
    }
}

/// A picture or its alpha, of which one row of tiles is in memory.
struct TileRows<'a> {
    coded: &'a HeifCoded<'a>,
    matrix: HeifMatrix,
    channels: usize,
    threads: usize,
    stop: Stop,
    /// The number of the row.
    row: Option<usize>,
    /// The pixels of its tiles: of each row one channel behind the other.
    tiles: Vec<Vec<u8>>,
}

impl<'a> TileRows<'a> {
    fn new(coded: &'a HeifCoded<'a>, matrix: HeifMatrix, channels: usize, stop: &Stop) -> Self {
        let stop = stop.clone();
        Self { coded, matrix, channels, threads: 1, stop, row: None, tiles: Vec::new() }
    }

    /// The pixels of a row from column `x` on, one channel behind the other.
    fn copy_row(&mut self, y: u32, x: usize, out: &mut [u8]) -> Result<(), Reject> {
        let tile_size = self.coded.tile_size;
        let (tile_width, tile_height) = (tile_size.width() as usize, tile_size.height() as usize);
        let row = y as usize / tile_height;
        if self.row != Some(row) {
            self.row = None;
            self.tiles.clear();
            self.tiles = self.decode(row)?;
            self.row = Some(row);
        }
        let start = y as usize % tile_height * tile_width * self.channels;
        let width = out.len() / self.channels;
        for (channel, out) in out.chunks_exact_mut(width).enumerate() {
            let (mut at, mut done) = (x, 0);
            while done < width {
                let row = &self.tiles[at / tile_width][start + channel * tile_width..];
                let row = &row[at % tile_width..tile_width];
                let count = row.len().min(width - done);
                out[done..done + count].copy_from_slice(&row[..count]);
                (at, done) = (at + count, done + count);
            }
        }
        Ok(())
    }

    /// All tiles of a row.
    fn decode(&self, row: usize) -> Result<Vec<Vec<u8>>, Reject> {
        let columns = self.coded.columns as usize;
        let tiles = &self.coded.tiles[row * columns..][..columns];
        let decoded = parallel::map(tiles, self.threads, |tile| {
            if self.stop.is_set() {
                return Err(Reject::malformed(ImageFormat::Heic, "stopped between two tiles"));
            }
            let hevc = tile.hevc.as_deref();
            let hevc = hevc.ok_or_else(|| {
                Reject::malformed(ImageFormat::Heic, "a tile has no configuration")
            })?;
            if tile.data.is_empty() {
                // Black, or transparent.
                return Ok(vec![0; hevc.window.size.pixels() as usize * self.channels]);
            }
            Ok(pixels(&planes(tile, hevc, self.matrix)?, hevc, self.channels))
        });
        decoded.into_iter().collect()
    }
}

/// Those of one tile.
fn pixels(planes: &Planes, hevc: &Hevc, channels: usize) -> Vec<u8> {
    let size = hevc.window.size;
    let mut pixels = Vec::with_capacity(size.pixels() as usize * channels);
    let mut row = Row::default();
    for y in 0..size.height() as usize {
        if channels == 1 {
            planes.gray(y, &mut row);
        } else {
            planes.rgb(y, &mut row);
        }
        row.channels[..channels].iter().for_each(|channel| pixels.extend_from_slice(channel));
    }
    pixels
}

/// The decoded planes of a tile, without what its window leaves out.
fn planes(tile: &HeifTile<'_>, hevc: &Hevc, matrix: HeifMatrix) -> Result<Planes, Reject> {
    let shifts = match hevc.chroma_format {
        1 => [1, 1],
        2 => [1, 0],
        _ => [0, 0],
    };
    let (left, top) = (hevc.window.x as usize, hevc.window.y as usize);
    let [luma, cb, cr] = decoded(tile, hevc)?;
    let stride = hevc.coded_size.width() as usize;
    let mut planes =
        vec![Plane { samples: Samples::I32(luma), start: top * stride + left, stride }];
    if hevc.chroma_format > 0 {
        let stride = stride.div_ceil(1 << shifts[0]);
        let start = (top >> shifts[1]) * stride + (left >> shifts[0]);
        let chroma = [cb, cr].map(Samples::I32);
        planes.extend(chroma.map(|samples| Plane { samples, start, stride }));
    }
    let size = [hevc.window.size.width() as usize, hevc.window.size.height() as usize];
    Planes::new(planes, PlaneLayout { size, shifts, bits: hevc.bits }, matrix)
}

/// The samples of a tile: luma, Cb, and Cr, of which the latter are empty where it is gray.
fn decoded(tile: &HeifTile<'_>, hevc: &Hevc) -> Result<[Vec<i32>; 3], Reject> {
    let image = ResolvedImage { hevc_config: hevc.configuration.clone(), data: tile.data.to_vec() };
    let (_, picture) = guarded(ImageFormat::Heic, || {
        heic_decoder::decode_one_image(&image).map_err(|error| hevc_reject(&error))
    })?;
    let Picture { y, cb, cr, .. } = picture;
    Ok([y, cb, cr].map(HevcPlane::into_samples))
}
