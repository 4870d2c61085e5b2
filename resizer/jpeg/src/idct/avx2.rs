//! The transforms for AVX2. The lower half of each vector is the first block, the upper half the
//! second.
#![expect(unsafe_code, reason = "stores of half rows, and calls into AVX2 functions")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_setr_epi8, _mm_storel_epi64, _mm_unpackhi_epi64, _mm256_add_epi16,
    _mm256_add_epi32, _mm256_broadcastsi128_si256, _mm256_castsi256_si128,
    _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_mullo_epi16, _mm256_packs_epi16,
    _mm256_packs_epi32, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_setr_m128i,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srai_epi32, _mm256_sub_epi32,
    _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi16,
    _mm256_unpacklo_epi32, _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::{InverseTransform, Pair, Place, Weights, flat};
use resizer_cpu::Avx2;
use resizer_cpu::avx2::{Number, load_half, store_half};

impl InverseTransform for Avx2 {
    #[inline(always)]
    fn full(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<8>(pair, samples);
        }
        // SAFETY: `self` proves that the machine has AVX2.
        unsafe {
            if pair.last < 10 { full::<true>(pair, samples) } else { full::<false>(pair, samples) }
        }
    }

    #[inline(always)]
    fn reduced<const SIDE: usize>(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<SIDE>(pair, samples);
        }
        // SAFETY: `self` proves that the machine has AVX2.
        unsafe {
            if pair.last < 10 && SIDE > 4 {
                reduced::<SIDE, true>(pair, samples);
            } else {
                reduced::<SIDE, false>(pair, samples);
            }
        }
    }

    #[inline(always)]
    fn half(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<4>(pair, samples);
        }
        // SAFETY: `self` proves that the machine has AVX2.
        unsafe { half_size(pair, samples) }
    }
}

/// Factors for `madd`, the first one for even positions.
#[inline(always)]
const fn factors(first: i32, second: i32) -> i32 {
    second << 16 | first & 0xffff
}

/// With `LOW` only the first four rows and columns are not 0.
#[inline]
#[target_feature(enable = "avx2")]
fn full<const LOW: bool>(pair: &Pair<'_>, samples: &mut [u8]) {
    let mut rows = [_mm256_setzero_si256(); 8];
    let used = if LOW { 4 } else { 8 };
    for (y, row) in rows.iter_mut().enumerate().take(used) {
        let values = load_rows(pair.blocks.map(|block| &block.as_chunks::<8>().0[y]));
        let quantization =
            load_rows(pair.quantization.map(|quantization| &quantization.as_chunks::<8>().0[y]));
        *row = _mm256_mullo_epi16(values, quantization);
    }
    let between = pass::<11, LOW, LOW>(rows);
    let turned = transpose::<LOW>(between);
    let rows = transpose::<false>(pass::<18, LOW, false>(turned));
    let pairs = std::array::from_fn(|y| {
        let bytes = _mm256_packs_epi16(rows[2 * y], rows[2 * y + 1]);
        _mm256_xor_si256(bytes, _mm256_set1_epi8(-128))
    });
    store_block(pairs.map(|rows| _mm256_castsi256_si128(rows)), pair.places[0], samples);
    store_block(pairs.map(|rows| _mm256_extracti128_si256::<1>(rows)), pair.places[1], samples);
}

/// One-dimensional transform of the columns. With `FEW` rows 4 to 7 are 0, with `NARROW` so are
/// columns 4 to 7, whose results are left out.
#[inline]
#[target_feature(enable = "avx2")]
fn pass<const SHIFT: i32, const FEW: bool, const NARROW: bool>(rows: [__m256i; 8]) -> [__m256i; 8] {
    let lower = half::<SHIFT, FEW, false>(&rows);
    let upper = if NARROW { lower } else { half::<SHIFT, FEW, true>(&rows) };
    let mut results = lower;
    for (index, result) in results.iter_mut().enumerate() {
        *result = _mm256_packs_epi32(lower[index], upper[index]);
    }
    results
}

/// Four of the eight columns, as 32-bit numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn half<const SHIFT: i32, const FEW: bool, const UPPER: bool>(rows: &[__m256i; 8]) -> [__m256i; 8] {
    let both = |a: __m256i, b: __m256i| {
        if UPPER { _mm256_unpackhi_epi16(a, b) } else { _mm256_unpacklo_epi16(a, b) }
    };
    let weigh = |pair: __m256i, first: i32, second: i32| {
        _mm256_madd_epi16(pair, _mm256_set1_epi32(factors(first, second)))
    };
    let round = _mm256_set1_epi32(1 << (SHIFT - 1));
    // Even part.
    let outer = both(rows[0], rows[4]);
    let inner = both(rows[2], rows[6]);
    let sum = _mm256_add_epi32(weigh(outer, 8192, 8192), round);
    let difference = if FEW { sum } else { _mm256_add_epi32(weigh(outer, 8192, -8192), round) };
    let low = weigh(inner, 4433, 4433 - 15137);
    let high = weigh(inner, 4433 + 6270, 4433);
    let even = [
        _mm256_add_epi32(sum, high),
        _mm256_add_epi32(difference, low),
        _mm256_sub_epi32(difference, low),
        _mm256_sub_epi32(sum, high),
    ];
    // Odd part.
    let odd = if FEW {
        let few = both(rows[1], rows[3]);
        // The factors of the general case below, added up.
        [
            weigh(few, 12299 - 7373 + 9633 - 3196, 9633),
            weigh(few, 9633, 25172 - 20995 + 9633 - 16069),
            weigh(few, 9633 - 3196, 9633 - 20995),
            weigh(few, 9633 - 7373, 9633 - 16069),
        ]
    } else {
        let crossed = both(_mm256_add_epi16(rows[7], rows[3]), _mm256_add_epi16(rows[5], rows[1]));
        let cross3 = weigh(crossed, 9633 - 16069, 9633);
        let cross4 = weigh(crossed, 9633, 9633 - 3196);
        let (first, second) = (both(rows[1], rows[7]), both(rows[3], rows[5]));
        [
            _mm256_add_epi32(weigh(first, 12299 - 7373, -7373), cross4),
            _mm256_add_epi32(weigh(second, 25172 - 20995, -20995), cross3),
            _mm256_add_epi32(weigh(second, -20995, 16819 - 20995), cross4),
            _mm256_add_epi32(weigh(first, -7373, 2446 - 7373), cross3),
        ]
    };
    let mut results = [round; 8];
    for index in 0..4 {
        let sum = _mm256_add_epi32(even[index], odd[index]);
        let difference = _mm256_sub_epi32(even[index], odd[index]);
        results[index] = _mm256_srai_epi32::<SHIFT>(sum);
        results[7 - index] = _mm256_srai_epi32::<SHIFT>(difference);
    }
    results
}

/// The transform of the lowest frequencies. With `LOW` only the first four rows and columns are not
/// 0.
#[inline]
#[target_feature(enable = "avx2")]
fn reduced<const SIDE: usize, const LOW: bool>(pair: &Pair<'_>, samples: &mut [u8]) {
    let mut rows = [_mm256_setzero_si256(); 8];
    let used = if LOW { 4 } else { SIDE };
    for (y, row) in rows.iter_mut().enumerate().take(used) {
        let values = load_rows(pair.blocks.map(|block| &block.as_chunks::<8>().0[y]));
        let quantization =
            load_rows(pair.quantization.map(|quantization| &quantization.as_chunks::<8>().0[y]));
        *row = _mm256_mullo_epi16(values, quantization);
    }
    let narrow = SIDE <= 4 || LOW;
    let turned = transpose::<LOW>(reduced_pass::<11, SIDE, LOW>(&rows, narrow));
    let rows = transpose::<false>(reduced_pass::<18, SIDE, LOW>(&turned, SIDE <= 4));
    for (y, two) in rows.as_chunks::<2>().0.iter().enumerate() {
        let bytes = _mm256_packs_epi16(two[0], two[1]);
        let bytes = _mm256_xor_si256(bytes, _mm256_set1_epi8(-128));
        let blocks = [_mm256_castsi256_si128(bytes), _mm256_extracti128_si256::<1>(bytes)];
        for (rows, Place { offset, stride }) in blocks.into_iter().zip(pair.places) {
            if 2 * y < SIDE {
                store_row(rows, &mut samples[offset + 2 * y * stride..]);
            }
            if 2 * y + 1 < SIDE {
                let lower = _mm_unpackhi_epi64(rows, rows);
                store_row(lower, &mut samples[offset + (2 * y + 1) * stride..]);
            }
        }
    }
}

/// The same as `pass` for the first `SIDE` rows, with as many results. With `narrow` those of
/// columns 4 to 7 are left out.
#[inline]
#[target_feature(enable = "avx2")]
fn reduced_pass<const SHIFT: i32, const SIDE: usize, const FEW: bool>(
    rows: &[__m256i; 8],
    narrow: bool,
) -> [__m256i; 8] {
    let lower = reduced_half::<SHIFT, SIDE, FEW, false>(rows);
    let upper = if narrow { lower } else { reduced_half::<SHIFT, SIDE, FEW, true>(rows) };
    let mut results = [_mm256_setzero_si256(); 8];
    for index in 0..SIDE {
        results[index] = _mm256_packs_epi32(lower[index], upper[index]);
    }
    results
}

/// Four of the columns, as 32-bit numbers. Mirrored samples have equal even frequencies and
/// opposite odd ones.
#[inline]
#[target_feature(enable = "avx2")]
fn reduced_half<const SHIFT: i32, const SIDE: usize, const FEW: bool, const UPPER: bool>(
    rows: &[__m256i; 8],
) -> [__m256i; SIDE] {
    let both = |a: __m256i, b: __m256i| {
        if UPPER { _mm256_unpackhi_epi16(a, b) } else { _mm256_unpacklo_epi16(a, b) }
    };
    let weigh = |pair: __m256i, first: i32, second: i32| {
        _mm256_madd_epi16(pair, _mm256_set1_epi32(factors(first, second)))
    };
    let round = _mm256_set1_epi32(1 << (SHIFT - 1));
    let even = [both(rows[0], rows[2]), both(rows[4], rows[6])];
    let odd = [both(rows[1], rows[3]), both(rows[5], rows[7])];
    let mut results = [round; SIDE];
    for sample in 0..SIDE.div_ceil(2) {
        let mut weights = [0; 8];
        weights[..SIDE].copy_from_slice(&Weights::<SIDE>::TABLE[sample]);
        let mut sum = _mm256_add_epi32(weigh(even[0], weights[0], weights[2]), round);
        let mut difference = weigh(odd[0], weights[1], weights[3]);
        if !FEW && SIDE > 4 {
            sum = _mm256_add_epi32(sum, weigh(even[1], weights[4], weights[6]));
        }
        if !FEW && SIDE > 5 {
            difference = _mm256_add_epi32(difference, weigh(odd[1], weights[5], weights[7]));
        }
        let mirrored = SIDE - 1 - sample;
        if mirrored == sample {
            results[sample] = _mm256_srai_epi32::<SHIFT>(sum);
        } else {
            results[sample] = _mm256_srai_epi32::<SHIFT>(_mm256_add_epi32(sum, difference));
            results[mirrored] = _mm256_srai_epi32::<SHIFT>(_mm256_sub_epi32(sum, difference));
        }
    }
    results
}

/// The 4-point transform of the lowest frequencies.
#[inline]
#[target_feature(enable = "avx2")]
fn half_size(pair: &Pair<'_>, samples: &mut [u8]) {
    let row = |y: usize| {
        let values = load_rows(pair.blocks.map(|block| &block.as_chunks::<8>().0[y]));
        let quantization =
            load_rows(pair.quantization.map(|quantization| &quantization.as_chunks::<8>().0[y]));
        _mm256_mullo_epi16(values, quantization)
    };
    let even = _mm256_unpacklo_epi16(row(0), row(2));
    let odd = _mm256_unpacklo_epi16(row(1), row(3));
    let [a, b, c, d] = short_pass::<11>(even, odd);
    let (ab, cd) = (_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    // Transposes four by four numbers: a0 b0 .. d0 a1 .. d1 and a2 .. d3.
    let (ac, bd) = (_mm256_unpacklo_epi16(ab, cd), _mm256_unpackhi_epi16(ab, cd));
    let (first, last) = (_mm256_unpacklo_epi16(ac, bd), _mm256_unpackhi_epi16(ac, bd));
    let even = _mm256_unpacklo_epi16(first, last);
    let odd = _mm256_unpackhi_epi16(first, last);
    let [a, b, c, d] = short_pass::<18>(even, odd);
    let (ab, cd) = (_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    let bytes = _mm256_xor_si256(_mm256_packs_epi16(ab, cd), _mm256_set1_epi8(-128));
    let turn = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
    ));
    let bytes = _mm256_shuffle_epi8(bytes, turn);
    let halves = [_mm256_castsi256_si128(bytes), _mm256_extracti128_si256::<1>(bytes)];
    for (half, place) in halves.into_iter().zip(pair.places) {
        for (y, row) in bytes_of(half).as_chunks::<4>().0.iter().enumerate() {
            samples[place.offset + y * place.stride..][..4].copy_from_slice(row);
        }
    }
}

/// `even` holds pairs of rows 0 and 2, `odd` of rows 1 and 3.
#[inline]
#[target_feature(enable = "avx2")]
fn short_pass<const SHIFT: i32>(even: __m256i, odd: __m256i) -> [__m256i; 4] {
    let weigh = |pair: __m256i, first: i32, second: i32| {
        _mm256_madd_epi16(pair, _mm256_set1_epi32(factors(first, second)))
    };
    let round = _mm256_set1_epi32(1 << (SHIFT - 1));
    let sum = _mm256_add_epi32(weigh(even, 8192, 8192), round);
    let difference = _mm256_add_epi32(weigh(even, 8192, -8192), round);
    let outer = weigh(odd, 10703, 4433);
    let inner = weigh(odd, 4433, -10703);
    [
        _mm256_srai_epi32::<SHIFT>(_mm256_add_epi32(sum, outer)),
        _mm256_srai_epi32::<SHIFT>(_mm256_add_epi32(difference, inner)),
        _mm256_srai_epi32::<SHIFT>(_mm256_sub_epi32(difference, inner)),
        _mm256_srai_epi32::<SHIFT>(_mm256_sub_epi32(sum, outer)),
    ]
}

/// Transposes within each half. With `NARROW` columns 4 to 7 are not needed.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose<const NARROW: bool>(rows: [__m256i; 8]) -> [__m256i; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let low = |x, y| _mm256_unpacklo_epi16(x, y);
    let high = |x, y| _mm256_unpackhi_epi16(x, y);
    let low32 = |x, y| _mm256_unpacklo_epi32(x, y);
    let high32 = |x, y| _mm256_unpackhi_epi32(x, y);
    let low64 = |x, y| _mm256_unpacklo_epi64(x, y);
    let high64 = |x, y| _mm256_unpackhi_epi64(x, y);
    let (ab, cd, ef, gh) = (low(a, b), low(c, d), low(e, f), low(g, h));
    let (abcd, efgh) = (low32(ab, cd), low32(ef, gh));
    let (abcd2, efgh2) = (high32(ab, cd), high32(ef, gh));
    let first = [low64(abcd, efgh), high64(abcd, efgh), low64(abcd2, efgh2), high64(abcd2, efgh2)];
    if NARROW {
        let zero = _mm256_setzero_si256();
        return [first[0], first[1], first[2], first[3], zero, zero, zero, zero];
    }
    let (ab, cd, ef, gh) = (high(a, b), high(c, d), high(e, f), high(g, h));
    let (abcd, efgh) = (low32(ab, cd), low32(ef, gh));
    let (abcd2, efgh2) = (high32(ab, cd), high32(ef, gh));
    [
        first[0],
        first[1],
        first[2],
        first[3],
        low64(abcd, efgh),
        high64(abcd, efgh),
        low64(abcd2, efgh2),
        high64(abcd2, efgh2),
    ]
}

/// A row of each block.
#[inline]
#[target_feature(enable = "avx2")]
fn load_rows<T: Number>(rows: [&[T; 8]; 2]) -> __m256i {
    let [first, second] = rows.map(|row| load_half(row));
    _mm256_setr_m128i(first, second)
}

/// Eight rows of 8 bytes, two in each vector.
#[inline]
#[target_feature(enable = "avx2")]
fn store_block(pairs: [__m128i; 4], place: Place, samples: &mut [u8]) {
    let Place { offset, stride } = place;
    assert!(stride <= samples.len() / 8, "a band has the rows of a block");
    let square = &mut samples[offset..offset + 7 * stride + 8];
    for (y, rows) in pairs.into_iter().enumerate() {
        // SAFETY: `square` ends 8 bytes behind the start of row 7, the last one; its length did
        // not wrap, since eight strides are no more than an allocation.
        unsafe {
            let upper = square.as_mut_ptr().add(2 * y * stride);
            _mm_storel_epi64(upper.cast(), rows);
            _mm_storel_epi64(upper.add(stride).cast(), _mm_unpackhi_epi64(rows, rows));
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn bytes_of(vector: __m128i) -> [u8; 16] {
    let mut bytes = [0; 16];
    store_half(vector, &mut bytes);
    bytes
}

/// The lower 8 bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn store_row(row: __m128i, samples: &mut [u8]) {
    let place = &mut samples[..8];
    // SAFETY: `place` has the 8 bytes that are written.
    unsafe { _mm_storel_epi64(place.as_mut_ptr().cast(), row) }
}
