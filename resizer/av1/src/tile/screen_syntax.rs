//! The symbols of blocks of screen content.

use crate::predict::Mode;

use super::block::{Block, ChromaMode, Luma};
use super::chroma_palette::ChromaPalette;
use super::color_index::ColorMap;
use super::palette::{Colors, Palette, color_bits, cr_bits, size_context};
use super::scratch::Scratch;
use super::{Tile, UNITS};

impl Tile<'_> {
    /// Writes the palettes of a block.
    pub(super) fn write_palettes(&mut self, block: Block, luma: Luma, chroma: Option<ChromaMode>) {
        if luma.prediction.mode == Mode::Dc {
            self.write_palette(block, luma.palette);
        }
        let context = usize::from(!luma.palette.is_empty());
        let cdf = &mut self.cdfs.screen.has_chroma_palette[context];
        match chroma {
            Some(ChromaMode::Plain(prediction)) if prediction.mode == Mode::Dc => {
                self.coder.symbol(cdf, 0);
            }
            Some(ChromaMode::Palette(palette)) => {
                self.coder.symbol(cdf, 1);
                self.write_chroma_palette(block, &palette);
            }
            _ => {}
        }
    }

    fn write_chroma_palette(&mut self, block: Block, palette: &ChromaPalette) {
        let colors = palette.cb.colors();
        let cdf = &mut self.cdfs.screen.palette_size[1][size_context(block)];
        self.coder.symbol(cdf, colors.len() - 2);
        let cache = self.palette_cache(1, block);
        self.write_bits(&color_bits(colors, &cache, Colors::Cb));
        self.write_bits(&cr_bits(palette.cr()));
    }

    /// Writes the color indexes of a block.
    pub(super) fn write_color_maps(
        &mut self,
        block: Block,
        luma: Luma,
        chroma: Option<ChromaMode>,
        scratch: &Scratch,
    ) {
        let cb = match chroma {
            Some(ChromaMode::Palette(palette)) => palette.cb,
            _ => Palette::default(),
        };
        let (columns, rows) = self.visible(block);
        for (kind, palette) in [luma.palette, cb].into_iter().enumerate() {
            let shift = self.source.chroma.shift(kind);
            let side = block.size >> shift;
            let colors = palette.colors().len();
            if colors > 0 {
                let map = ColorMap {
                    indexes: &scratch.color_maps[kind][..side * side],
                    side,
                    columns: columns >> shift,
                    rows: rows >> shift,
                    colors,
                };
                map.write(&mut self.coder, &mut self.cdfs.screen.colors[kind][colors - 2]);
            }
            let (column, row) = (block.column, block.row % UNITS);
            for (line, start) in [(&mut self.above, column), (&mut self.left, row)] {
                line.palettes[kind][start..start + block.units()].fill(palette);
            }
        }
    }
}
