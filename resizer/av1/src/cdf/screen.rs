//! The probabilities of the symbols of screen content: palettes and color indexes.
//! Source: AV1 specification, section "Default CDF tables".

use super::{Cdf, distribution, flag};

/// A distribution of 2 to 8 symbols. The last value counts the symbols that were coded so far.
pub(crate) type ColorCdf = [u16; 9];

/// The number of contexts of a color index.
pub(crate) const COLOR_CONTEXTS: usize = 5;

/// The distributions of screen content. Indexes of block sizes are 0 for 8 x 8 samples and 6 for
/// 64 x 64, with rectangles between them.
#[derive(Debug, Clone)]
pub(crate) struct ScreenCdfs {
    /// By block size, and by how many of the blocks above and to the left have a palette.
    pub(crate) has_palette: [[Cdf<3>; 3]; 7],
    /// By whether luma has a palette.
    pub(crate) has_chroma_palette: [Cdf<3>; 2],
    /// By plane and block size: the number of colors - 2.
    pub(crate) palette_size: [[Cdf<8>; 7]; 2],
    /// By plane, number of colors - 2, and context.
    pub(crate) colors: [[[ColorCdf; COLOR_CONTEXTS]; 7]; 2],
}

impl ScreenCdfs {
    /// The distributions at the start of a tile.
    pub(super) fn new() -> Self {
        Self {
            has_palette: HAS_PALETTE.map(|size| size.map(flag)),
            has_chroma_palette: HAS_CHROMA_PALETTE.map(flag),
            palette_size: PALETTE_SIZE.map(|plane| plane.map(distribution)),
            colors: COLORS.map(|plane| {
                let mut size = 1;
                plane.map(|contexts| {
                    size += 1;
                    contexts.map(|values| color_distribution(values, size))
                })
            }),
        }
    }
}

fn color_distribution(values: [u16; 7], size: usize) -> ColorCdf {
    let mut cdf = [0; 9];
    cdf[..size - 1].copy_from_slice(&values[..size - 1]);
    cdf[size - 1] = 1 << 15;
    cdf
}

/// Makes a color index more likely.
pub(crate) fn adapt_color(cdf: &mut ColorCdf, size: usize, symbol: usize) {
    let count = cdf[8];
    let rate = 3 + u16::from(count > 15) + u16::from(count > 31) + (size.ilog2() as u16).min(2);
    for (at, value) in cdf[..size - 1].iter_mut().enumerate() {
        let down = *value - (*value >> rate);
        let up = *value + (((1 << 15) - *value) >> rate);
        *value = if at < symbol { down } else { up };
    }
    cdf[8] = count + u16::from(count < 32);
}

const HAS_PALETTE: [[u16; 3]; 7] = [
    [31_676, 3419, 1261],
    [31_912, 2859, 980],
    [31_823, 3400, 781],
    [32_030, 3561, 904],
    [32_309, 7337, 1462],
    [32_265, 4015, 1521],
    [32_450, 7946, 129],
];

const HAS_CHROMA_PALETTE: [u16; 2] = [32_461, 21_488];

#[rustfmt::skip]
const PALETTE_SIZE: [[[u16; 6]; 7]; 2] = [
    [
        [7952, 13000, 18149, 21478, 25527, 29241], [7139, 11421, 16195, 19544, 23666, 28073],
        [7788, 12741, 17325, 20500, 24315, 28530], [8271, 14064, 18246, 21564, 25071, 28533],
        [12725, 19180, 21863, 24839, 27535, 30120], [9711, 14888, 16923, 21052, 25661, 27875],
        [14940, 20797, 21678, 24186, 27033, 28999],
    ],
    [
        [8713, 19979, 27128, 29609, 31331, 32272], [5839, 15573, 23581, 26947, 29848, 31700],
        [4426, 11260, 17999, 21483, 25863, 29430], [3228, 9464, 14993, 18089, 22523, 27420],
        [3768, 8886, 13091, 17852, 22495, 27207], [2464, 8451, 12861, 21632, 25525, 28555],
        [1269, 5435, 10433, 18963, 21700, 25865],
    ],
];

/// Color indexes by plane, number of colors - 2, and context. Unused values are 0.
#[rustfmt::skip]
const COLORS: [[[[u16; 7]; COLOR_CONTEXTS]; 7]; 2] = [
    [
        [
            [28710, 0, 0, 0, 0, 0, 0], [16384, 0, 0, 0, 0, 0, 0], [10553, 0, 0, 0, 0, 0, 0],
            [27036, 0, 0, 0, 0, 0, 0], [31603, 0, 0, 0, 0, 0, 0],
        ],
        [
            [27877, 30490, 0, 0, 0, 0, 0], [11532, 25697, 0, 0, 0, 0, 0],
            [6544, 30234, 0, 0, 0, 0, 0], [23018, 28072, 0, 0, 0, 0, 0],
            [31915, 32385, 0, 0, 0, 0, 0],
        ],
        [
            [25572, 28046, 30045, 0, 0, 0, 0], [9478, 21590, 27256, 0, 0, 0, 0],
            [7248, 26837, 29824, 0, 0, 0, 0], [19167, 24486, 28349, 0, 0, 0, 0],
            [31400, 31825, 32250, 0, 0, 0, 0],
        ],
        [
            [24779, 26955, 28576, 30282, 0, 0, 0], [8669, 20364, 24073, 28093, 0, 0, 0],
            [4255, 27565, 29377, 31067, 0, 0, 0], [19864, 23674, 26716, 29530, 0, 0, 0],
            [31646, 31893, 32147, 32426, 0, 0, 0],
        ],
        [
            [23132, 25407, 26970, 28435, 30073, 0, 0], [7443, 17242, 20717, 24762, 27982, 0, 0],
            [6300, 24862, 26944, 28784, 30671, 0, 0], [18916, 22895, 25267, 27435, 29652, 0, 0],
            [31270, 31550, 31808, 32059, 32353, 0, 0],
        ],
        [
            [23105, 25199, 26464, 27684, 28931, 30318, 0],
            [6950, 15447, 18952, 22681, 25567, 28563, 0],
            [7560, 23474, 25490, 27203, 28921, 30708, 0],
            [18544, 22373, 24457, 26195, 28119, 30045, 0],
            [31198, 31451, 31670, 31882, 32123, 32391, 0],
        ],
        [
            [21689, 23883, 25163, 26352, 27506, 28827, 30195],
            [6892, 15385, 17840, 21606, 24287, 26753, 29204],
            [5651, 23182, 25042, 26518, 27982, 29392, 30900],
            [19349, 22578, 24418, 25994, 27524, 29031, 30448],
            [31028, 31270, 31504, 31705, 31927, 32153, 32392],
        ],
    ],
    [
        [
            [29089, 0, 0, 0, 0, 0, 0], [16384, 0, 0, 0, 0, 0, 0], [8713, 0, 0, 0, 0, 0, 0],
            [29257, 0, 0, 0, 0, 0, 0], [31610, 0, 0, 0, 0, 0, 0],
        ],
        [
            [25257, 29145, 0, 0, 0, 0, 0], [12287, 27293, 0, 0, 0, 0, 0],
            [7033, 27960, 0, 0, 0, 0, 0], [20145, 25405, 0, 0, 0, 0, 0],
            [30608, 31639, 0, 0, 0, 0, 0],
        ],
        [
            [24210, 27175, 29903, 0, 0, 0, 0], [9888, 22386, 27214, 0, 0, 0, 0],
            [5901, 26053, 29293, 0, 0, 0, 0], [18318, 22152, 28333, 0, 0, 0, 0],
            [30459, 31136, 31926, 0, 0, 0, 0],
        ],
        [
            [22980, 25479, 27781, 29986, 0, 0, 0], [8413, 21408, 24859, 28874, 0, 0, 0],
            [2257, 29449, 30594, 31598, 0, 0, 0], [19189, 21202, 25915, 28620, 0, 0, 0],
            [31844, 32044, 32281, 32518, 0, 0, 0],
        ],
        [
            [22217, 24567, 26637, 28683, 30548, 0, 0], [7307, 16406, 19636, 24632, 28424, 0, 0],
            [4441, 25064, 26879, 28942, 30919, 0, 0], [17210, 20528, 23319, 26750, 29582, 0, 0],
            [30674, 30953, 31396, 31735, 32207, 0, 0],
        ],
        [
            [21239, 23168, 25044, 26962, 28705, 30506, 0],
            [6545, 15012, 18004, 21817, 25503, 28701, 0],
            [3448, 26295, 27437, 28704, 30126, 31442, 0],
            [15889, 18323, 21704, 24698, 26976, 29690, 0],
            [30988, 31204, 31479, 31734, 31983, 32325, 0],
        ],
        [
            [21442, 23288, 24758, 26246, 27649, 28980, 30563],
            [5863, 14933, 17552, 20668, 23683, 26411, 29273],
            [3415, 25810, 26877, 27990, 29223, 30394, 31618],
            [17965, 20084, 22232, 23974, 26274, 28402, 30390],
            [31190, 31329, 31516, 31679, 31825, 32026, 32322],
        ],
    ],
];
