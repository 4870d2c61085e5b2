//! The forward transform of a residual. It is orthonormal. Each instruction set has the same
//! operations on `f32` in the same order, so the coefficients are the same, too.

/// Half of the secant of pi n / 128, which is 1 / (2 cos (pi n / 128)), for each n from 0 on.
#[rustfmt::skip]
pub(crate) const HALF_SECANTS: [f32; 64] = [
    0.5, 0.5001506, 0.500603, 0.50135845, 0.5024193, 0.5037887, 0.50547093, 0.50747114, 0.5097956,
    0.51245147, 0.5154473, 0.5187927, 0.5224986, 0.5265773, 0.5310426, 0.53590983, 0.5411961,
    0.5469204, 0.5531039, 0.5597698, 0.56694406, 0.5746552, 0.582935, 0.5918185, 0.6013449,
    0.61155736, 0.6225041, 0.63423896, 0.6468218, 0.6603198, 0.6748083, 0.6903721, 0.70710677,
    0.72512054, 0.7445363, 0.76549417, 0.7881546, 0.8127021, 0.8393496, 0.8683447, 0.8999762,
    0.9345836, 0.9725682, 1.0144082, 1.0606776, 1.1120716, 1.1694399, 1.2338327, 1.306563,
    1.3892939, 1.4841646, 1.5939723, 1.7224472, 1.874676, 2.057781, 2.2820501, 2.5629156,
    2.9246285, 3.4076085, 4.084611, 5.1011486, 6.7967505, 10.190008, 20.373878,
];

/// The square root of 1/2.
pub(crate) const ROOT_OF_HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Defines `transform` for an instruction set. It transforms `size` x `size` residuals to
/// [`coded_side`](super::coded_side) x `coded_side` coefficients, in rows of equal horizontal
/// frequency.
///
/// `$lanes` has the values at one position of eight rows or columns. The module needs these
/// functions for it: `zero`, `add`, `subtract`, `scale`, `transpose`, `load_residual`, and `store`.
macro_rules! forward_transforms {
    ($lanes:ty, $(#[$attribute:meta])*) => {
        $(#[$attribute])*
        pub(in crate::kernels) fn transform(
            (size, kind): (usize, TransformType),
            residual: &[i16],
            out: &mut [f32],
        ) {
            if kind == TransformType::Identity {
                return identity::forward(size, residual, out);
            }
            match size {
                4 => transform_4(kind, residual, out),
                8 => transform_block::<8, 8, 1>(kind, residual, out),
                16 => transform_block::<16, 16, 2>(kind, residual, out),
                32 => transform_block::<32, 32, 4>(kind, residual, out),
                _ => transform_block::<64, 32, 8>(kind, residual, out),
            }
        }

        /// `GROUPS` is the number of groups of eight columns.
        $(#[$attribute])*
        fn transform_block<const N: usize, const CODED: usize, const GROUPS: usize>(
            kind: TransformType,
            residual: &[i16],
            out: &mut [f32],
        ) {
            let (residual, _) = residual.as_chunks::<N>();
            // Groups of eight vertical frequencies; of these, all horizontal positions.
            let mut groups = [[zero(); N]; GROUPS];
            for column in 0..GROUPS {
                let mut values = [zero(); N];
                for (value, row) in values.iter_mut().zip(residual) {
                    *value = load_residual(&row.as_chunks().0[column]);
                }
                transform_lanes(&mut values, kind.has_column_adst());
                let (rows, _) = values.as_chunks();
                for (rows, group) in rows.iter().zip(&mut groups).take(CODED / 8) {
                    group.as_chunks_mut().0[column] = transpose(*rows);
                }
            }
            let (out, _) = out.as_chunks_mut::<CODED>();
            let factor = 2.0 / N as f32;
            for (at, values) in groups.iter_mut().enumerate().take(CODED / 8) {
                transform_lanes(values, kind.has_row_adst());
                for (out, value) in out.iter_mut().zip(values) {
                    store(scale(*value, factor), &mut out.as_chunks_mut().0[at]);
                }
            }
        }

        $(#[$attribute])*
        fn transform_4(kind: TransformType, residual: &[i16], out: &mut [f32]) {
            let (residual, _) = residual.as_chunks::<4>();
            let mut values = [zero(); 4];
            for (value, [a, b, c, d]) in values.iter_mut().zip(residual) {
                *value = load_residual(&[*a, *b, *c, *d, 0, 0, 0, 0]);
            }
            transform_lanes(&mut values, kind.has_column_adst());
            let mut block = [zero(); 8];
            block[..4].copy_from_slice(&values);
            values.copy_from_slice(&transpose(block)[..4]);
            transform_lanes(&mut values, kind.has_row_adst());
            for (out, value) in out.as_chunks_mut::<4>().0.iter_mut().zip(values) {
                let mut row = [0.0; 8];
                store(scale(value, 0.5), &mut row);
                out.copy_from_slice(&row[..4]);
            }
        }

        /// Transforms columns. The results are the square root of `N` / 2 times those of an
        /// orthonormal transform.
        #[inline]
        $(#[$attribute])*
        fn transform_lanes<const N: usize>(values: &mut [$lanes; N], is_adst: bool) {
            if is_adst && N <= 16 {
                return adst(values);
            }
            dct(values);
            values[0] = scale(values[0], ROOT_OF_HALF);
        }

        #[inline]
        $(#[$attribute])*
        fn dct<const N: usize>(values: &mut [$lanes; N]) {
            if let (4, Some(values)) = (N, values.first_chunk_mut()) {
                dct_4(values);
            } else if let (8, Some(values)) = (N, values.first_chunk_mut()) {
                dct_8(values);
            } else if let (16, Some(values)) = (N, values.first_chunk_mut()) {
                dct_16(values);
            } else if let (32, Some(values)) = (N, values.first_chunk_mut()) {
                dct_32(values);
            } else if let Some(values) = values.first_chunk_mut() {
                dct_64(values);
            }
        }

        #[inline]
        $(#[$attribute])*
        fn dct_2(values: &mut [$lanes; 2]) {
            let [first, second] = *values;
            values[0] = add(first, second);
            values[1] = scale(subtract(first, second), ROOT_OF_HALF);
        }

        forward_transforms!(dct_4, dct_2, 4, 2, $lanes, $(#[$attribute])*);
        forward_transforms!(dct_8, dct_4, 8, 4, $lanes, $(#[$attribute])*);
        forward_transforms!(dct_16, dct_8, 16, 8, $lanes, $(#[$attribute])*);
        forward_transforms!(dct_32, dct_16, 32, 16, $lanes, $(#[$attribute])*);
        forward_transforms!(dct_64, dct_32, 64, 32, $lanes, $(#[$attribute])*);

        /// A sum of sines of odd angles, from sums of cosines:
        /// 2 cos a cos b = cos (a + b) + cos (a - b).
        #[inline]
        $(#[$attribute])*
        fn adst<const N: usize>(values: &mut [$lanes; N]) {
            if let (4, Some(values)) = (N, values.first_chunk_mut()) {
                return adst_4(values);
            }
            let input = *values;
            for at in 0..N {
                let factor = 1.0 / HALF_SECANTS[(2 * at + 1) * 32 / N];
                values[at] = scale(input[N - 1 - at], factor);
            }
            dct(values);
            values[0] = scale(values[0], 0.5);
            for at in 1..N {
                let (before, value) = (values[at - 1], values[at]);
                values[at] =
                    if at % 2 == 0 { add(before, value) } else { subtract(before, value) };
            }
        }

        #[inline]
        $(#[$attribute])*
        fn adst_4(values: &mut [$lanes; 4]) {
            let sine = |index: usize| SINES_OF_NINTHS[index] as f32 * (1.0 / 4096.0);
            let (s1, s2, s3, s4) = (sine(0), sine(1), sine(2), sine(3));
            let [a, b, c, d] = *values;
            let sum = |first, second| add(first, second);
            values[0] = sum(sum(scale(a, s1), scale(b, s2)), sum(scale(c, s3), scale(d, s4)));
            values[1] = scale(subtract(add(a, b), d), s3);
            values[2] = sum(sum(scale(a, s4), scale(b, -s1)), sum(scale(c, -s3), scale(d, s2)));
            values[3] = sum(sum(scale(a, s2), scale(b, -s4)), sum(scale(c, s3), scale(d, -s1)));
        }
    };

    // The DCT is split into two DCTs of half the length. One transforms the sums of mirrored values
    // and gives the even frequencies. The other transforms their scaled differences, and sums of
    // its neighboring results are the odd frequencies. Source: B. G. Lee, "A New Algorithm to
    // Compute the Discrete Cosine Transform", IEEE Transactions on Acoustics, Speech, and Signal
    // Processing, 1984.
    (
        $name:ident, $of_half:ident, $size:literal, $half:literal, $lanes:ty,
        $(#[$attribute:meta])*
    ) => {
        #[inline]
        $(#[$attribute])*
        fn $name(values: &mut [$lanes; $size]) {
            let (mut sums, mut differences) = ([zero(); $half], [zero(); $half]);
            for at in 0..$half {
                let (first, second) = (values[at], values[$size - 1 - at]);
                let factor = HALF_SECANTS[(2 * at + 1) * 64 / $size];
                sums[at] = add(first, second);
                differences[at] = scale(subtract(first, second), factor);
            }
            $of_half(&mut sums);
            $of_half(&mut differences);
            for at in 0..$half {
                values[2 * at] = sums[at];
                values[2 * at + 1] = if at + 1 < $half {
                    add(differences[at], differences[at + 1])
                } else {
                    differences[at]
                };
            }
        }
    };
}

pub(crate) use forward_transforms;

#[cfg(test)]
mod tests {
    use super::HALF_SECANTS;

    #[test]
    fn the_constants_are_half_of_the_secants() {
        for (angle, found) in HALF_SECANTS.iter().enumerate() {
            let exact = 0.5 / (angle as f64 * std::f64::consts::PI / 128.0).cos();
            assert_eq!(*found, exact as f32, "{angle}");
        }
    }
}
