//! Numbers as symbols with extra bits, copies of earlier numbers, and maps of contexts.

use super::super::{Config, Copies, Numbers, WINDOW, cluster_map};
use super::Stream;
use crate::source::jxl::bits::Bits;

fn config([split_exponent, high_bits, low_bits]: [u32; 3]) -> Config {
    Config { split_exponent, high_bits, low_bits }
}

/// The symbol of a number and its extra bits, by the rule for writers.
fn hybrid(number: u32, [split_exponent, high_bits, low_bits]: [u32; 3]) -> (u32, Stream) {
    if number < 1 << split_exponent {
        return (number, Stream::new());
    }
    let length = number.ilog2();
    let rest = number - (1 << length);
    let count = length - high_bits - low_bits;
    let symbol = (1 << split_exponent)
        + ((length - split_exponent) << (high_bits + low_bits))
        + ((rest >> (length - high_bits)) << low_bits)
        + (rest & ((1 << low_bits) - 1));
    let middle = (u64::from(rest) >> low_bits) & ((1 << count) - 1);
    (symbol, Stream::new().push(middle as u32, count))
}

#[test]
fn numbers_are_symbols_and_the_bits_behind_them() {
    let known = [0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 255, 256, 1000, 65_535, 1 << 20];
    for parts in [[0, 0, 0], [4, 0, 0], [4, 1, 0], [4, 2, 1], [4, 1, 3], [4, 4, 0], [8, 0, 8]] {
        for number in known.into_iter().chain([u32::MAX / 2, u32::MAX - 1, u32::MAX]) {
            let (symbol, stream) = hybrid(number, parts);
            let back = stream.read(|bits| config(parts).number(bits, symbol));
            assert_eq!(back, Some(number), "{parts:?}");
        }
    }
    // One exponent, one high bit, and two low bits: 16 + (1 << 3) + (1 << 2) + 2 is 32 + 16 + 2
    // and what is between.
    let stream = Stream::new().push(3, 2);
    let back = stream.read(|bits| config([4, 1, 2]).number(bits, 16 + 8 + 4 + 2));
    assert_eq!(back, Some(32 + 16 + 3 * 4 + 2));
}

#[test]
fn numbers_of_more_than_32_bits_are_refused() {
    let bytes = [0xff; 8];
    let number = |parts, symbol| config(parts).number(&mut Bits::new(&bytes, 0), symbol);
    assert_eq!(number([0, 0, 0], 32), Some(u32::MAX));
    assert_eq!(number([0, 0, 0], 33), None);
    assert_eq!(number([15, 0, 0], (1 << 15) + 17), None);
    assert_eq!(number([4, 2, 2], u32::MAX), None);
}

#[test]
fn the_parts_of_a_number_leave_none_of_it_over() {
    let read = |bits: &str| {
        let read = |bits: &mut Bits<'_>| {
            let Config { split_exponent, high_bits, low_bits } = Config::read(bits, 8)?;
            Some([split_exponent, high_bits, low_bits])
        };
        read(&mut Bits::new(&Stream::new().text(bits).push(0, 32).bytes(), 0))
    };
    assert_eq!(read("0001"), Some([8, 0, 0]));
    assert_eq!(read("0010 010 01"), Some([4, 2, 2]));
    assert_eq!(read("0010 001 0"), Some([4, 4, 0]));
    assert_eq!(read("0010 101"), None, "five high bits of four");
    assert_eq!(read("0010 010 11"), None, "two high and three low bits of four");
    assert_eq!(read("0000"), Some([0, 0, 0]));
}

/// No copies, and one code for all contexts, of symbols that are the numbers.
fn opening(contexts: u32) -> Stream {
    let start = Stream::new().push(0, 1);
    let start = if contexts > 1 { start.push(1, 1).push(0, 2) } else { start };
    start.push(1, 1).push(15, 4)
}

/// A simple code of two symbols below 16.
fn two_symbols(stream: Stream, [first, second]: [u32; 2]) -> Stream {
    stream.push(1, 2).push(1, 2).push(first, 4).push(second, 4)
}

/// The size of an alphabet of 16 symbols.
fn of_sixteen(stream: Stream) -> Stream {
    stream.push(1, 1).push(3, 4).push(7, 3)
}

fn numbers(stream: &Stream, contexts: &[usize]) -> Option<Vec<u32>> {
    stream.read(|bits| {
        let most = contexts.iter().max().map_or(1, |most| most + 1);
        let mut numbers = Numbers::open(bits, most)?;
        contexts.iter().map(|&context| numbers.next(bits, context)).collect()
    })
}

#[test]
fn prefix_codes_give_numbers() {
    let stream = two_symbols(of_sixteen(opening(1)), [3, 12]).text("1 0 1 1");
    assert_eq!(numbers(&stream, &[0; 4]), Some(vec![12, 3, 12, 12]));
    let stream = two_symbols(of_sixteen(opening(5)), [3, 12]).text("1 0 1 1");
    assert_eq!(numbers(&stream, &[4, 0, 2, 1]), Some(vec![12, 3, 12, 12]));
}

#[test]
fn histograms_give_numbers() {
    // An alphabet of 2^6 symbols, all of which are numbers, and of which 40 has all of the state.
    let stream = Stream::new().text("0 0").push(1, 2).push(6, 3).text("10");
    let stream = stream.small(40).push(0x13_0000, 32);
    assert_eq!(numbers(&stream, &[0; 1000]), Some(vec![40; 1000]));
}

#[test]
fn each_context_has_its_code() {
    // Two bits for each of three contexts: 1, 0, 1.
    let start = Stream::new().push(0, 1).push(1, 1).push(2, 2).push(1, 2).push(0, 2).push(1, 2);
    let start = start.push(1, 1).push(15, 4).push(15, 4);
    let start = of_sixteen(of_sixteen(start));
    let stream = two_symbols(two_symbols(start, [1, 2]), [8, 9]).text("0 1 1");
    assert_eq!(numbers(&stream, &[0, 1, 2]), Some(vec![8, 2, 9]));
}

#[test]
fn codes_without_a_context_are_refused() {
    // Two bits for each of two contexts.
    for (clusters, is_good) in [([0, 1], true), ([1, 0], true), ([1, 1], false), ([0, 2], false)] {
        let [first, second] = clusters;
        let start = Stream::new().push(0, 1).push(1, 1).push(2, 2).push(first, 2).push(second, 2);
        // As many codes as the largest needs, each of one symbol.
        let codes = 0..=first.max(second);
        let start = codes.fold(start.push(1, 1), |stream, _| stream.push(15, 4)).push(0, 8);
        let is_open = Numbers::open(&mut Bits::new(&start.bytes(), 0), 2).is_some();
        assert_eq!(is_open, is_good, "{clusters:?}");
    }
}

/// A coded map of numbers up to 15, each of which takes one bit.
fn coded_map(moves_to_front: bool, symbols: [u32; 2], bits: &str) -> Stream {
    let start = Stream::new().push(0, 1).push(moves_to_front.into(), 1).then(&opening(1));
    two_symbols(of_sixteen(start), symbols).text(bits)
}

#[test]
fn maps_of_contexts_may_move_to_the_front() {
    let map = |moves: bool, symbols, bits: &str| {
        let count = bits.len();
        coded_map(moves, symbols, bits).read(|bits| cluster_map(bits, count))
    };
    assert_eq!(map(false, [0, 1], "0110"), Some(vec![0, 1, 1, 0]));
    // 0 stays, 1 comes to the front, then 0 does, and then 1 again.
    assert_eq!(map(true, [0, 1], "01011"), Some(vec![0, 1, 1, 0, 1]));
    // 3 comes to the front, then each time the third behind it.
    assert_eq!(map(true, [0, 3], "10111"), Some(vec![3, 3, 2, 1, 0]));
    // Four bits are no more than 15, but a number of a map must be a byte.
    let beyond = Stream::new().push(0, 1).push(0, 1).push(0, 1).push(1, 1).push(15, 4);
    let of = |symbol: u32| {
        // An alphabet of 512 symbols.
        let beyond = beyond.clone().push(1, 1).push(8, 4).push(255, 8);
        let bytes = beyond.push(1, 2).push(0, 2).push(symbol, 9).bytes();
        cluster_map(&mut Bits::new(&bytes, 0), 3)
    };
    assert_eq!((of(255), of(256)), (Some(vec![255; 3]), None));
}

#[test]
fn the_map_of_two_contexts_has_no_copies() {
    // A coded map with the usual copies, one code for both of its contexts, and one symbol.
    let start = Stream::new().push(0, 1).push(0, 1).push(1, 1).push(0, 2).push(0, 2).push(8, 4);
    let bytes = start.push(1, 1).push(0, 2).push(1, 1).push(15, 4).push(0, 1).bytes();
    let map = |contexts| cluster_map(&mut Bits::new(&bytes, 0), contexts);
    assert_eq!((map(2), map(3)), (None, Some(vec![0; 3])));
}

/// Copies from symbol 224 on, of at least three numbers; the last context is that of distances.
fn with_copies(last_symbols: [u32; 2]) -> Stream {
    let start = Stream::new().push(1, 1).push(0, 2).push(0, 2).push(8, 4);
    // One bit for each of both contexts, and two prefix codes of symbols that are numbers.
    let start = start.push(1, 1).push(1, 2).push(0, 1).push(1, 1).push(1, 1).push(15, 4);
    // 256 symbols, and 16.
    let start = of_sixteen(start.push(15, 4).push(1, 1).push(7, 4).push(127, 7));
    // 5 as 0, 6 as 10, and 226 as 11: five numbers.
    let start = start.push(1, 2).push(2, 2).push(5, 8).push(6, 8).push(226, 8);
    two_symbols(start, last_symbols)
}

#[test]
fn numbers_are_copied() {
    // Two numbers back.
    let stream = with_copies([1, 15]).text("0 10 11 0 10");
    assert_eq!(numbers(&stream, &[0; 8]), Some(vec![5, 6, 5, 6, 5, 6, 5, 6]));
    // The last one.
    let stream = with_copies([0, 15]).text("0 10 11 0 0");
    assert_eq!(numbers(&stream, &[0; 8]), Some(vec![5, 6, 6, 6, 6, 6, 6, 5]));
    // A distance beyond the first number copies from the first number on.
    let stream = with_copies([1, 15]).text("0 10 10 11 1 0");
    assert_eq!(numbers(&stream, &[0; 9]), Some(vec![5, 6, 6, 5, 6, 6, 5, 6, 5]));
}

#[test]
fn nothing_is_copied_where_there_is_nothing_yet() {
    assert_eq!(numbers(&with_copies([1, 15]).text("11 0"), &[0]), None);
}

#[test]
fn copies_reach_as_far_as_the_window() {
    let usual = Stream::new().push(0, 2).push(0, 2).push(8, 4);
    let count = WINDOW as u32 + 100;
    for (distance, expected) in [
        (0, [count - 1, count - 1]),
        (99, [count - 100, count - 99]),
        (WINDOW as u32 - 1, [100, 101]),
        (u32::MAX, [100, 101]),
    ] {
        let mut copies = usual.read(Copies::read).expect("copies");
        (0..count).for_each(|number| copies.push(number));
        copies.begin(distance, 2).expect("there are numbers");
        assert_eq!([copies.next(), copies.next()], expected.map(Some), "{distance}");
        assert_eq!(copies.next(), None);
    }
}
