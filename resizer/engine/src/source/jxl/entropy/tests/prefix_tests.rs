//! Prefix codes.

use super::super::prefix::PrefixCode;
use super::Stream;
use crate::source::jxl::bits::Bits;

/// Starts a code with the size of its alphabet, at least 2.
fn sized(size: u32) -> Stream {
    let above = size - 1;
    let count = above.ilog2();
    Stream::new().push(1, 1).push(count, 4).push(above - (1 << count), count)
}

/// A simple code of these symbols.
fn simple(size: u32, symbols: &[u32]) -> Stream {
    let width = (size - 1).ilog2() + 1;
    let start = sized(size).push(1, 2).push(symbols.len() as u32 - 1, 2);
    symbols.iter().fold(start, |stream, &symbol| stream.push(symbol, width))
}

/// The symbols that a code decodes from the bits after it.
fn decoded(code: &Stream, bits: &str, count: usize) -> Option<Vec<u32>> {
    code.clone().text(bits).read(|bits| {
        let codes = PrefixCode::read_all(bits, 1)?;
        (0..count).map(|_| codes[0].next(bits)).collect()
    })
}

fn is_refused(code: &Stream) -> bool {
    // With more than enough bits, so that it is not refused for its length.
    let bytes = code.clone().push(0, 32).push(0, 32).bytes();
    PrefixCode::read_all(&mut Bits::new(&bytes, 0), 1).is_none()
}

#[test]
fn an_alphabet_of_one_symbol_has_no_bits() {
    let one = Stream::new().push(0, 1);
    assert_eq!(decoded(&one, "", 1000), Some(vec![0; 1000]));
    assert_eq!(decoded(&simple(256, &[77]), "", 1000), Some(vec![77; 1000]));
}

#[test]
fn simple_codes_have_up_to_four_symbols() {
    // Of equal lengths the smaller symbol comes first.
    assert_eq!(decoded(&simple(9, &[5, 3]), "0 1 1", 3), Some(vec![3, 5, 5]));
    assert_eq!(decoded(&simple(9, &[8, 7, 2]), "0 10 11", 3), Some(vec![8, 2, 7]));
    let flat = simple(16, &[9, 15, 0, 4]).push(0, 1);
    assert_eq!(decoded(&flat, "00 01 10 11", 4), Some(vec![0, 4, 9, 15]));
    let steep = simple(16, &[9, 15, 4, 0]).push(1, 1);
    assert_eq!(decoded(&steep, "0 10 110 111", 4), Some(vec![9, 15, 0, 4]));
}

#[test]
fn a_simple_code_of_a_symbol_beyond_the_alphabet_is_refused() {
    assert!(!is_refused(&simple(9, &[8])));
    assert!(is_refused(&simple(9, &[9])));
    assert!(is_refused(&simple(9, &[1, 2, 15])));
}

/// The lengths 1, 2, and 3, as 0, 10, and 11.
fn of_small_lengths(size: u32) -> Stream {
    sized(size).push(0, 2).text("1110 110 110")
}

#[test]
fn complex_codes_have_a_length_for_each_symbol() {
    // Lengths 2, 1, 3, 3; and 3, 3, none, 1, 2 with a leading part that is skipped.
    let code = of_small_lengths(4).text("10 0 11 11");
    assert_eq!(decoded(&code, "0 10 110 111", 4), Some(vec![1, 0, 2, 3]));
    // No length of 1 and 2: 3 as 0 and 4 as 1. Eight symbols of 3 bits.
    let code = sized(8).push(2, 2).text("1110 1110").text("00000000");
    let all = "000 001 010 011 100 101 110 111";
    assert_eq!(decoded(&code, all, 8), Some((0..8).collect()));
}

#[test]
fn lengths_are_repeated() {
    // A length of 4 is 0, and the repetition of the last length is 1: once 3 + 2 times, and, at
    // once behind it, 4 * (5 - 2) + 3 times in all.
    let lengths = "00 00 00 1110 00 00 00 00 1110";
    let code = sized(16).push(0, 2).text(lengths).text("0 1 01 1 00");
    assert_eq!(decoded(&code, "0000 1111 0111", 3), Some(vec![0, 15, 7]));
    // One more than there are symbols.
    assert!(is_refused(&sized(16).push(0, 2).text(lengths).text("0 1 01 1 10")));
    // A length of 1 is 0, and the repetition of zeros is 1: ten of them. A full code ends early.
    for size in [12, 14] {
        let code = sized(size).push(0, 2).text("1110 00 00 00 00 00 1110").text("0 1 111 0");
        assert_eq!(decoded(&code, "0 1", 2), Some(vec![0, 11]));
    }
}

#[test]
fn codes_that_are_not_full_or_too_full_are_refused() {
    assert!(is_refused(&of_small_lengths(4).text("0 10 11 10")), "too full");
    assert!(is_refused(&of_small_lengths(3).text("0 10 11")), "not full");
    assert!(is_refused(&sized(4).push(0, 2).text("1110 110 1110")), "lengths that are too full");
    let all_of_five = "1111".repeat(2) + &"00".repeat(16);
    assert!(is_refused(&sized(4).push(0, 2).text(&all_of_five)), "lengths that are not full");
    // One length alone needs no bits: all symbols have it.
    let only_two = "00 1110".to_owned() + &"00".repeat(16);
    assert_eq!(decoded(&sized(4).push(0, 2).text(&only_two), "00 01 11", 3), Some(vec![0, 1, 3]));
}

#[test]
fn alphabets_end_below_32768_symbols() {
    assert!(!is_refused(&simple(32_767, &[32_766])));
    assert!(is_refused(&simple(32_768, &[0])));
    assert!(is_refused(&simple(65_536, &[0])));
}

#[test]
fn the_sizes_of_all_alphabets_are_in_front() {
    let stream = sized(3).push(0, 1).then(&sized(5));
    // Codes of the first and the last; the one between has no bits.
    let stream =
        stream.push(1, 2).push(0, 2).push(2, 2).push(1, 2).push(1, 2).push(1, 3).push(4, 3);
    let symbols = stream.text("1 0").read(|bits| {
        let codes = PrefixCode::read_all(bits, 3)?;
        [0, 1, 2, 2].map(|code| codes[code].next(bits)).into_iter().collect::<Option<Vec<u32>>>()
    });
    assert_eq!(symbols, Some(vec![2, 0, 4, 1]));
}
