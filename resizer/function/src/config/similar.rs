//! A word that is not known in, the known one that was probably meant out.

/// The nearest of the known words, if it is near enough for a slip of the keyboard: a letter in
/// three is wrong, missing, too many or in its neighbor's place.
pub(super) fn similar<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let near = known.map(|known| (distance(&word, &known.to_lowercase()), known));
    let near = near.filter(|(distance, known)| *distance * 3 <= known.chars().count().max(3));
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// The least number of letters to replace, insert, delete, or swap with the next one.
/// Source: optimal string alignment, the restricted Damerau-Levenshtein distance.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for row in 1..=one.len() {
        let mut next = vec![row];
        for column in 1..=other.len() {
            let replaced =
                rows[row - 1][column - 1] + usize::from(one[row - 1] != other[column - 1]);
            let mut least = replaced.min(rows[row - 1][column] + 1).min(next[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            next.push(least);
        }
        rows.push(next);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        let known = ["width", "height", "fit", "formats", "limits", "rule"];
        for (word, expected) in [
            ("widht", Some("width")),
            ("Width", Some("width")),
            ("format", Some("formats")),
            ("limit", Some("limits")),
            ("rules", Some("rule")),
            ("hieght", Some("height")),
            ("speed", None),
            ("", None),
            ("ü", None),
        ] {
            assert_eq!(similar(word, known.into_iter()), expected, "{word}");
        }
    }
}
