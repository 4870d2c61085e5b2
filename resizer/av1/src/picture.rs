//! Planes of samples, padded to whole superblocks.

/// The side of a superblock in luma samples.
pub(crate) const SUPERBLOCK: usize = 64;

/// The resolution of chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chroma {
    /// No chroma, 4:0:0.
    None,
    /// A sample for two by two pixels, 4:2:0.
    Half,
    /// A sample for each pixel, 4:4:4.
    Full,
}

impl Chroma {
    /// The number of planes of a picture.
    pub(crate) const fn planes(self) -> usize {
        if matches!(self, Self::None) { 1 } else { 3 }
    }

    /// By how many bits a plane's coordinates are smaller than those of luma.
    pub(crate) const fn shift(self, plane: usize) -> usize {
        (plane > 0 && matches!(self, Self::Half)) as usize
    }
}

/// Samples of 8 bits. The sides are multiples of 32.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) samples: Vec<u8>,
    pub(crate) stride: usize,
}

impl Plane {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { samples: vec![0; width * height], stride: width }
    }

    /// The samples from a place on.
    #[inline]
    pub(crate) fn at(&self, x: usize, y: usize) -> &[u8] {
        &self.samples[y * self.stride + x..]
    }

    /// The samples from a place on.
    #[inline]
    pub(crate) fn at_mut(&mut self, x: usize, y: usize) -> &mut [u8] {
        &mut self.samples[y * self.stride + x..]
    }

    /// Repeats the last column and the last row of `width` x `height` samples in the padding.
    pub(crate) fn pad(&mut self, width: usize, height: usize) {
        for row in self.samples.chunks_exact_mut(self.stride).take(height) {
            let last = row[width - 1];
            row[width..].fill(last);
        }
        let (rows, padding) = self.samples.split_at_mut(height * self.stride);
        let last = &rows[(height - 1) * self.stride..];
        padding.chunks_exact_mut(self.stride).for_each(|row| row.copy_from_slice(last));
    }

    /// A part that begins and ends at superblocks, or at the end of the plane.
    pub(crate) fn part(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let rows = self.samples[y * self.stride..].chunks_exact(self.stride).take(height);
        let samples = rows.flat_map(|row| &row[x..x + width]).copied().collect();
        Self { samples, stride: width }
    }
}

/// A picture as planes of luma, Cb, and Cr, or of luma alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// In luma samples, without the padding.
    pub(crate) width: usize,
    /// In luma samples, without the padding.
    pub(crate) height: usize,
    pub(crate) chroma: Chroma,
    pub(crate) planes: Vec<Plane>,
}

impl Picture {
    pub(crate) fn new(width: usize, height: usize, chroma: Chroma) -> Self {
        let (padded_width, padded_height) =
            (width.next_multiple_of(SUPERBLOCK), height.next_multiple_of(SUPERBLOCK));
        let plane = |index| {
            let shift = chroma.shift(index);
            Plane::new(padded_width >> shift, padded_height >> shift)
        };
        let planes = (0..chroma.planes()).map(plane).collect();
        Self { width, height, chroma, planes }
    }

    /// Fills the padding of all planes.
    pub(crate) fn pad(&mut self) {
        for (index, plane) in self.planes.iter_mut().enumerate() {
            let shift = self.chroma.shift(index);
            plane.pad((self.width + shift) >> shift, (self.height + shift) >> shift);
        }
    }

    /// The part of a tile. `x` and `y` are multiples of the side of a superblock.
    pub(crate) fn part(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let (padded_width, padded_height) =
            (width.next_multiple_of(SUPERBLOCK), height.next_multiple_of(SUPERBLOCK));
        let part = |(index, plane): (usize, &Plane)| {
            let shift = self.chroma.shift(index);
            plane.part(x >> shift, y >> shift, padded_width >> shift, padded_height >> shift)
        };
        let planes = self.planes.iter().enumerate().map(part).collect();
        Self { width, height, chroma: self.chroma, planes }
    }
}
