//! Histograms, and symbols by asymmetric numeral systems.

use super::super::ans::AnsCode;
use super::Stream;
use crate::source::jxl::bits::Bits;

const ALPHABET_BITS: u32 = 5;

/// The state of a writer before its first symbol, which is the state of a reader after the last
/// one.
const END: u32 = 0x13_0000;

/// The code that a histogram has.
fn code(histogram: &Stream) -> Option<AnsCode> {
    histogram.read(|bits| AnsCode::read(bits, ALPHABET_BITS))
}

/// The symbol and the offset within its frequency that each of 4,096 values of the state stands
/// for.
fn places(code: &AnsCode) -> Vec<(u32, u32)> {
    let high = u32::MAX >> 12;
    let place = |low: u32| {
        let mut bits = Bits::new(&[], 0);
        let mut state = high << 12 | low;
        let symbol = code.next(&mut bits, &mut state).expect("no bits are needed");
        (symbol, state)
    };
    let places: Vec<(u32, u32)> = (0..4096).map(place).collect();
    let frequency = |symbol: u32| places.iter().filter(|place| place.0 == symbol).count() as u32;
    places.iter().map(|&(symbol, state)| (symbol, state - high * frequency(symbol))).collect()
}

/// The number of states of each symbol. Each of these states must have a different offset.
fn frequencies(histogram: &Stream) -> Option<Vec<u32>> {
    let mut places = places(&code(histogram)?);
    places.sort_unstable();
    let mut out = vec![0; 1 << ALPHABET_BITS];
    for (symbol, offset) in places {
        let next = &mut out[symbol as usize];
        assert_eq!(offset, *next, "offsets of symbol {symbol}");
        *next += 1;
    }
    let last = out.iter().rposition(|&frequency| frequency > 0)?;
    out.truncate(last + 1);
    Some(out)
}

fn is_refused(histogram: &Stream) -> bool {
    // With more than enough bits, so that it is not refused for its length.
    let bytes = histogram.clone().push(0, 32).push(0, 32).bytes();
    AnsCode::read(&mut Bits::new(&bytes, 0), ALPHABET_BITS).is_none()
}

fn pair(first: u32, second: u32, frequency: u32) -> Stream {
    Stream::new().text("11").small(first).small(second).push(frequency, 12)
}

fn flat(count: u32) -> Stream {
    Stream::new().text("01").small(count - 1)
}

/// Starts a histogram of frequencies by magnitude. `shift` sets the bits of precision.
fn various(shift: u32, count: u32) -> Stream {
    let width = (shift + 1).ilog2();
    let start = Stream::new().text("00").text(&"1".repeat(width as usize));
    let start = if width < 3 { start.push(0, 1) } else { start };
    start.push(shift + 1 - (1 << width), width).small(count - 3)
}

#[test]
fn one_symbol_alone_takes_no_bits() {
    for symbol in [0, 1, 31] {
        let histogram = Stream::new().text("10").small(symbol);
        let code = code(&histogram).expect("a histogram");
        let (mut bits, mut state) = (Bits::new(&[], 0), END);
        for _ in 0..10_000 {
            assert_eq!(code.next(&mut bits, &mut state), Some(symbol));
        }
        assert_eq!(state, END);
    }
    assert!(is_refused(&Stream::new().text("10").small(32)));
}

#[test]
fn two_symbols_share_all_values() {
    assert_eq!(frequencies(&pair(0, 1, 1)), Some(vec![1, 4095]));
    assert_eq!(frequencies(&pair(3, 1, 1000)), Some(vec![0, 3096, 0, 1000]));
    // A frequency of 0 leaves all to the other.
    assert_eq!(frequencies(&pair(0, 2, 0)), Some(vec![0, 0, 4096]));
    assert!(is_refused(&pair(7, 7, 1000)));
    assert!(is_refused(&pair(32, 0, 1000)));
    assert!(is_refused(&pair(0, 255, 1000)));
}

#[test]
fn flat_histograms_give_the_rest_to_the_first_symbols() {
    assert_eq!(frequencies(&flat(1)), Some(vec![4096]));
    assert_eq!(frequencies(&flat(4)), Some(vec![1024; 4]));
    assert_eq!(frequencies(&flat(3)), Some(vec![1366, 1365, 1365]));
    assert_eq!(frequencies(&flat(32)), Some(vec![128; 32]));
    assert!(is_refused(&flat(33)));
    assert!(is_refused(&flat(256)));
}

/// The codes of the magnitudes 0 to 13 in histograms.
const MAGNITUDES: [&str; 14] = [
    "10001", "1101", "1111", "1100", "1001", "1110", "001", "010", "101", "011", "000", "100001",
    "1000000", "1000001",
];

fn magnitudes(histogram: Stream, magnitudes: &[usize]) -> Stream {
    magnitudes.iter().fold(histogram, |stream, &magnitude| stream.text(MAGNITUDES[magnitude]))
}

#[test]
fn various_frequencies_are_powers_of_two_and_a_rest() {
    // A magnitude of m is a frequency of 2^(m - 1); the first of the largest gets the rest.
    let histogram = magnitudes(various(0, 3), &[10, 11, 9]);
    assert_eq!(frequencies(&histogram), Some(vec![512, 3328, 256]));
    let all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1];
    let histogram = magnitudes(various(0, 13), &all);
    let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 3072, 0, 1];
    assert_eq!(frequencies(&histogram), Some(expected.to_vec()));
    let histogram = magnitudes(various(0, 4), &[11, 11, 0, 12]);
    assert_eq!(frequencies(&histogram), Some(vec![1024, 1024, 0, 2048]));
}

#[test]
fn frequencies_have_more_bits_of_precision() {
    // Of 2^10 with a shift of 9, 8 of 10 bits follow; of 2^3 all 3; of 1 none.
    let histogram = magnitudes(various(9, 4), &[11, 12, 4, 1]).push(0x81, 8).push(5, 3);
    assert_eq!(frequencies(&histogram), Some(vec![1540, 2542, 13, 1]));
    let histogram = magnitudes(various(13, 3), &[11, 12, 0]).push(1023, 10);
    assert_eq!(frequencies(&histogram), Some(vec![2047, 2049]));
    assert!(is_refused(&magnitudes(various(14, 3), &[11, 12, 0])));
}

#[test]
fn equal_frequencies_are_repeated() {
    // The largest frequency, then 16, then 16 four more times, and then 1.
    let histogram = magnitudes(various(0, 8), &[12, 5, 13]).small(0);
    let histogram = magnitudes(histogram, &[1, 1]);
    assert_eq!(frequencies(&histogram), Some(vec![4014, 16, 16, 16, 16, 16, 1, 1]));
    let beyond = magnitudes(various(0, 7), &[12, 5, 13]).small(4);
    assert!(is_refused(&beyond), "more than there are symbols");
    assert!(is_refused(&magnitudes(various(0, 5), &[13]).small(1)), "no frequency before it");
    assert!(is_refused(&magnitudes(various(0, 5), &[12, 13]).small(0)), "what is not known yet");
}

#[test]
fn frequencies_that_leave_nothing_are_refused() {
    assert!(!is_refused(&magnitudes(various(0, 4), &[12, 12, 0, 0])));
    assert!(is_refused(&magnitudes(various(0, 3), &[12, 12, 12])), "4,096 beside the largest");
    assert!(is_refused(&magnitudes(various(0, 4), &[12, 12, 12, 12])), "more than 4,096");
    assert!(is_refused(&various(0, 33)), "more symbols than the alphabet has");
}

/// The stream of some symbols. A writer codes them from the last to the first.
fn written(histogram: &Stream, symbols: &[u32]) -> Stream {
    let places = places(&code(histogram).expect("a histogram"));
    let mut state = END;
    let mut words = Vec::new();
    for &symbol in symbols.iter().rev() {
        let frequency = places.iter().filter(|place| place.0 == symbol).count() as u32;
        if u64::from(state) >= u64::from(frequency) << 20 {
            words.push(state & 0xffff);
            state >>= 16;
        }
        let (high, offset) = (state / frequency, state % frequency);
        let low = places.iter().position(|place| *place == (symbol, offset)).expect("an offset");
        state = high << 12 | low as u32;
    }
    words.iter().rev().fold(Stream::new().push(state, 32), |out, &word| out.push(word, 16))
}

#[test]
fn symbols_come_back_and_leave_the_first_state() {
    let symbols: Vec<u32> = (0..500).map(|index| [0, 1, 1, 0, 2, 1, 1][index % 7]).collect();
    let histograms = [flat(3), flat(32), magnitudes(various(0, 3), &[10, 11, 9])];
    for histogram in &histograms {
        let code = code(histogram).expect("a histogram");
        let (back, state) = written(histogram, &symbols)
            .read(|bits| {
                let mut state = bits.next(32)?;
                let next = |_| code.next(bits, &mut state);
                let back = (0..symbols.len()).map(next).collect::<Option<Vec<u32>>>()?;
                Some((back, state))
            })
            .expect("enough bits");
        assert_eq!((back, state), (symbols.clone(), END));
    }
}
