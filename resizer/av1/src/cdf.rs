//! Adaptive probabilities: the distributions of all symbols, their adaptation, and the cost of a
//! symbol in bits.

mod base;
mod ends;
mod high;
mod modes;
pub(crate) mod screen;

/// A cumulative distribution of `LENGTH` - 1 symbols in 1/32,768, and the number of symbols so far.
pub(crate) type Cdf<const LENGTH: usize> = [u16; LENGTH];

/// A distribution from its values without the last one, which is always 32,768.
pub(crate) const fn distribution<const VALUES: usize, const LENGTH: usize>(
    values: [u16; VALUES],
) -> Cdf<LENGTH> {
    const { assert!(VALUES + 2 == LENGTH) };
    let mut cdf = [0; LENGTH];
    let mut at = 0;
    while at < VALUES {
        cdf[at] = values[at];
        at += 1;
    }
    cdf[VALUES] = 1 << 15;
    cdf
}

/// Makes a symbol more likely. Source: AV1 specification, section "Symbol decoding process".
#[inline]
pub(crate) fn adapt<const LENGTH: usize>(cdf: &mut Cdf<LENGTH>, symbol: usize) {
    let symbols = LENGTH - 1;
    let count = cdf[symbols];
    let rate = 3 + u16::from(count > 15) + u16::from(count > 31) + (symbols.ilog2() as u16).min(2);
    if let (4, Some(values)) = (symbols, cdf.first_chunk_mut()) {
        adapt_four(values, symbol, rate);
    } else {
        for (at, value) in cdf[..symbols - 1].iter_mut().enumerate() {
            let down = *value - (*value >> rate);
            let up = *value + (((1 << 15) - *value) >> rate);
            *value = if at < symbol { down } else { up };
        }
    }
    cdf[symbols] = count + u16::from(count < 32);
}

/// Adapts the distribution of four symbols. All values are packed into one integer and change at
/// once. The last value stays the same.
#[inline]
fn adapt_four(values: &mut [u16; 4], symbol: usize, rate: u16) {
    const ONES: u64 = 0x0001_0001_0001_0001;
    let packed = (0..4).fold(0, |packed, at| packed | u64::from(values[at]) << (16 * at));
    let up = u64::MAX << (16 * (symbol & 3));
    let to_top = ((ONES << 15) & up) - (packed & up);
    let keeps_low_bits = ONES * (0xffff >> rate);
    let down = ((packed & !up) >> rate) & keeps_low_bits;
    let adapted = packed - down + ((to_top >> rate) & keeps_low_bits);
    for (at, value) in values.iter_mut().enumerate() {
        *value = (adapted >> (16 * at)) as u16;
    }
}

/// The cost of a symbol in 1/256 bit.
#[inline]
pub(crate) fn cost<const LENGTH: usize>(cdf: &Cdf<LENGTH>, symbol: usize) -> u32 {
    let before = if symbol == 0 { 0 } else { cdf[symbol - 1] };
    u32::from(COSTS[usize::from((cdf[symbol] - before) >> 6)])
}

/// The cost of a probability of n/512 in 1/256 bit.
const COSTS: [u16; 513] = costs();

const fn costs() -> [u16; 513] {
    let mut costs = [0; 513];
    costs[0] = 10 << 8;
    let mut at = 1;
    while at < 513 {
        costs[at] = (9 << 8) - log2(at as u64);
        at += 1;
    }
    costs
}

/// The binary logarithm of a value in 1/256, by squaring.
const fn log2(value: u64) -> u16 {
    let whole = value.ilog2();
    let mut mantissa = value << (31 - whole);
    let mut result = whole as u16;
    let mut bit = 0;
    while bit < 8 {
        mantissa = (mantissa * mantissa) >> 31;
        result <<= 1;
        if mantissa >> 32 != 0 {
            mantissa >>= 1;
            result += 1;
        }
        bit += 1;
    }
    result
}

/// The distributions of all symbols that the encoder writes. Indexes of planes are 0 for luma and
/// 1 for chroma, indexes of sizes are those of sides of 4, 8, 16, 32, and 64 samples.
#[derive(Debug, Clone)]
pub(crate) struct Cdfs {
    pub(crate) y_mode: [[Cdf<14>; 5]; 5],
    pub(crate) uv_mode: [Cdf<14>; 13],
    pub(crate) uv_mode_cfl: [Cdf<15>; 13],
    pub(crate) angle: [Cdf<8>; 8],
    pub(crate) partition_8: [Cdf<5>; 4],
    pub(crate) partitions: [[Cdf<11>; 4]; 3],
    pub(crate) skip: [Cdf<3>; 3],
    pub(crate) filter_intra: [Cdf<3>; 4],
    pub(crate) filter_intra_mode: Cdf<6>,
    pub(crate) cfl_sign: Cdf<9>,
    pub(crate) cfl_alpha: [Cdf<17>; 6],
    pub(crate) delta_q: Cdf<5>,
    pub(crate) type_set_1: [[Cdf<8>; 13]; 2],
    pub(crate) type_set_2: [Cdf<6>; 13],
    pub(crate) all_zero: [[Cdf<3>; 13]; 5],
    pub(crate) end_16: [Cdf<6>; 2],
    pub(crate) end_64: [Cdf<8>; 2],
    pub(crate) end_256: [Cdf<10>; 2],
    pub(crate) end_1024: [Cdf<12>; 2],
    pub(crate) end_extra: [[[Cdf<3>; 9]; 2]; 5],
    pub(crate) base_end: [[[Cdf<4>; 4]; 2]; 5],
    pub(crate) base: [[[Cdf<5>; 16]; 2]; 5],
    pub(crate) high: [[[Cdf<5>; 21]; 2]; 4],
    pub(crate) dc_sign: [[Cdf<3>; 3]; 2],
    pub(crate) screen: screen::ScreenCdfs,
}

impl Cdfs {
    /// The distributions at the start of a tile.
    pub(crate) fn new(base_q_index: u8) -> Box<Self> {
        let class = match base_q_index {
            0..=20 => 0,
            21..=60 => 1,
            61..=120 => 2,
            121.. => 3,
        };
        Box::new(Self {
            y_mode: modes::Y_MODE.map(|left| left.map(distribution)),
            uv_mode: modes::UV_MODE.map(distribution),
            uv_mode_cfl: modes::UV_MODE_CFL.map(distribution),
            angle: modes::ANGLE.map(distribution),
            partition_8: modes::PARTITION_8.map(distribution),
            partitions: modes::PARTITIONS.map(|size| size.map(distribution)),
            skip: modes::SKIP.map(flag),
            filter_intra: modes::FILTER_INTRA.map(flag),
            filter_intra_mode: distribution(modes::FILTER_INTRA_MODE),
            cfl_sign: distribution(modes::CFL_SIGN),
            cfl_alpha: modes::CFL_ALPHA.map(distribution),
            delta_q: distribution(modes::DELTA_Q),
            type_set_1: modes::TYPE_SET_1.map(|size| size.map(distribution)),
            type_set_2: modes::TYPE_SET_2.map(distribution),
            all_zero: ends::ALL_ZERO[class].map(|size| size.map(flag)),
            end_16: ends::END_16[class].map(distribution),
            end_64: ends::END_64[class].map(distribution),
            end_256: ends::END_256[class].map(distribution),
            end_1024: ends::END_1024[class].map(distribution),
            end_extra: ends::END_EXTRA[class].map(|size| size.map(|plane| plane.map(flag))),
            base_end: ends::BASE_END[class].map(|size| size.map(|plane| plane.map(distribution))),
            base: base::BASE[class].map(|size| size.map(|plane| plane.map(distribution))),
            high: high::HIGH[class].map(|size| size.map(|plane| plane.map(distribution))),
            dc_sign: ends::DC_SIGN.map(|plane| plane.map(flag)),
            screen: screen::ScreenCdfs::new(),
        })
    }
}

fn flag(value: u16) -> Cdf<3> {
    distribution([value])
}

#[cfg(test)]
mod tests {
    use super::{cost, distribution};

    #[test]
    fn a_cost_is_the_logarithm_of_a_probability() {
        let cdf = distribution::<3, 5>([16_384, 24_576, 28_672]);
        assert_eq!([0, 1, 2, 3].map(|symbol| cost(&cdf, symbol)), [256, 512, 768, 768]);
        let cdf = distribution::<1, 3>([32_768 / 3]);
        assert!(cost(&cdf, 0).abs_diff(406) < 4, "{}", cost(&cdf, 0));
    }
}
