//! Frames of an animation in, the canvas as it is seen out: RGBA, not premultiplied.

use crate::raster::{Layout, Raster, Size};

/// One frame of an animation.
#[derive(Debug)]
pub struct Frame {
    /// The canvas as it is seen: RGBA.
    pub raster: Raster,
    /// How long it is seen, in milliseconds.
    pub duration_ms: u32,
}

/// Where a frame lies; it may reach beyond the canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) size: Size,
}

/// What is seen, and what is needed to make the next frame.
#[derive(Debug)]
pub(super) struct Canvas {
    size: Size,
    pixels: Vec<[u8; 4]>,
    /// Of the frame that was drawn last.
    place: Option<Place>,
    /// What was there before it, where it is to come back.
    before: Option<Vec<[u8; 4]>>,
}

impl Canvas {
    /// A transparent one.
    pub(super) fn new(size: Size) -> Self {
        let pixels = vec![[0; 4]; Raster::byte_length(size, Layout::Gray)];
        Self { size, pixels, place: None, before: None }
    }

    /// Makes the last frame's place transparent.
    pub(super) fn clear(&mut self) {
        let Some(place) = self.place else { return };
        for row in self.rows(place) {
            self.pixels[row].fill([0; 4]);
        }
    }

    /// Brings back what was there before the last frame, if it was kept.
    pub(super) fn restore(&mut self) {
        if let Some(before) = self.before.take() {
            self.pixels = before;
        }
    }

    /// Says where the next frame lies, and whether what is there will have to come back.
    pub(super) fn begin(&mut self, place: Place, comes_back: bool) {
        self.place = Some(place);
        self.before = comes_back.then(|| self.pixels.clone());
    }

    /// Puts the frame in place of what is there.
    pub(super) fn replace(&mut self, frame: &Raster) {
        self.each_row(frame, <[[u8; 4]]>::copy_from_slice);
    }

    /// Draws the frame over what is there.
    pub(super) fn draw(&mut self, frame: &Raster) {
        self.each_row(frame, |under, over| {
            for (under, over) in under.iter_mut().zip(over) {
                *under = over_each_other(*over, *under);
            }
        });
    }

    /// Draws indices of a palette, those of no color leaving what is there.
    pub(super) fn draw_indices(&mut self, indices: &[u8], colors: &[Option<[u8; 3]>; 256]) {
        let Some(place) = self.place else { return };
        let width = place.size.width() as usize;
        for (row, indices) in self.rows(place).zip(indices.chunks_exact(width)) {
            for (pixel, &index) in self.pixels[row].iter_mut().zip(indices) {
                if let Some([red, green, blue]) = colors[usize::from(index)] {
                    *pixel = [red, green, blue, 255];
                }
            }
        }
    }

    /// What is seen now.
    pub(super) fn frame(&self, duration_ms: u32) -> Frame {
        let pixels = self.pixels.as_flattened().to_vec();
        Frame { raster: Raster::new(self.size, Layout::Rgba, pixels), duration_ms }
    }

    /// What is seen in the end.
    pub(super) fn into_raster(self) -> Raster {
        Raster::new(self.size, Layout::Rgba, self.pixels.into_flattened())
    }

    fn each_row(&mut self, frame: &Raster, mut put: impl FnMut(&mut [[u8; 4]], &[[u8; 4]])) {
        let Some(place) = self.place else { return };
        let (frame, _) = frame.pixels().as_chunks::<4>();
        let width = place.size.width() as usize;
        for (row, frame) in self.rows(place).zip(frame.chunks_exact(width)) {
            let row = &mut self.pixels[row];
            let count = row.len();
            put(row, &frame[..count]);
        }
    }

    /// The part of each row of the canvas that a place covers, from top to bottom.
    fn rows(&self, place: Place) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (width, height) = (self.size.width(), self.size.height());
        let left = place.x.min(width);
        let right = place.x.saturating_add(place.size.width()).min(width);
        let bottom = place.y.saturating_add(place.size.height()).min(height);
        (place.y.min(bottom)..bottom).map(move |y| {
            let start = y as usize * width as usize;
            start + left as usize..start + right as usize
        })
    }
}

/// Source: Porter and Duff, over; rounded once, so that what is opaque stays so.
fn over_each_other(over: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    let [over_alpha, under_alpha] = [over, under].map(|pixel| u32::from(pixel[3]));
    match over_alpha {
        0 => return under,
        255 => return over,
        _ => {}
    }
    // Both in 255ths of 255.
    let (own, rest) = (over_alpha * 255, under_alpha * (255 - over_alpha));
    let alpha = own + rest;
    let color = |index: usize| {
        let sum = u32::from(over[index]) * own + u32::from(under[index]) * rest;
        ((sum + alpha / 2) / alpha) as u8
    };
    [color(0), color(1), color(2), ((alpha + 127) / 255) as u8]
}

#[cfg(test)]
mod tests {
    use super::over_each_other;

    #[test]
    fn what_is_opaque_stays_opaque_and_its_colors_between_both() {
        for alpha in 0..=255 {
            for level in [0, 1, 100, 254, 255] {
                let seen = over_each_other([level, 255, 0, alpha], [level, 0, 255, 255]);
                assert_eq!((seen[0], seen[3]), (level, 255), "{alpha}");
                assert_eq!((seen[1], seen[2]), (alpha, 255 - alpha));
            }
        }
        assert_eq!(over_each_other([9, 8, 7, 100], [0; 4]), [9, 8, 7, 100]);
    }
}
