//! Which of a few colors looks most like a pixel. Colors around a guess are tried from the nearest
//! one on, until none that is left can be nearer.

use super::space::{Place, distance};

/// What a distance is cut to, so that it fits beside a number of a color.
const FAR: u32 = (1 << 24) - 1;

/// Colors, and the neighbors of each.
#[derive(Debug)]
pub(super) struct Nearest {
    places: Vec<Place>,
    /// For each color all colors from the nearest to the farthest: distance times 256, and number.
    neighbors: Vec<u32>,
}

impl Nearest {
    /// Of 1 to 256 colors.
    pub(super) fn new(places: Vec<Place>) -> Self {
        let mut neighbors = Vec::with_capacity(places.len() * places.len());
        for &from in &places {
            let start = neighbors.len();
            let all = places.iter().enumerate().map(|(number, &to)| {
                (distance(from, to).unsigned_abs().min(FAR)) << 8 | number as u32
            });
            neighbors.extend(all);
            neighbors[start..].sort_unstable();
        }
        Self { places, neighbors }
    }

    /// The place of a color.
    pub(super) fn place(&self, number: usize) -> Place {
        self.places[number]
    }

    /// The number of the nearest color, and the square of its distance. A good guess saves time.
    pub(super) fn find(&self, place: Place, guess: usize) -> (usize, i32) {
        let from_guess = distance(place, self.places[guess]);
        let mut best = (guess, from_guess);
        let count = self.places.len();
        // A color that is farther from the guess than the pixel and the best color together cannot
        // be nearer to the pixel.
        let mut reach = reach(from_guess, from_guess);
        for &neighbor in &self.neighbors[guess * count..][..count] {
            if neighbor >> 8 >= reach {
                break;
            }
            let number = (neighbor & 255) as usize;
            let found = distance(place, self.places[number]);
            if found < best.1 {
                best = (number, found);
                reach = self::reach(from_guess, found);
            }
        }
        best
    }
}

/// The square of the sum of two distances whose squares these are, rounded up.
fn reach(one: i32, other: i32) -> u32 {
    let root = |square: i32| (square as f32).sqrt();
    let sum = root(one) + root(other) + 0.5;
    (sum * sum) as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::Nearest;
    use crate::encode::png::space::{distance, place};

    /// The numbers of a linear congruential generator.
    fn colors(mut seed: u32) -> impl Iterator<Item = [u8; 4]> {
        std::iter::repeat_with(move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.rotate_left(11).to_le_bytes()
        })
    }

    #[test]
    fn no_other_color_is_nearer_whatever_the_guess() {
        for count in [1, 2, 17, 256] {
            let places: Vec<_> = colors(count as u32).take(count).map(place).collect();
            let nearest = Nearest::new(places.clone());
            for (number, pixel) in colors(99).take(2000).enumerate() {
                let pixel = place(pixel);
                let least = places.iter().map(|&color| distance(pixel, color)).min();
                let (found, off) = nearest.find(pixel, number % count);
                assert_eq!(Some(off), least, "{count} colors, pixel {number}");
                assert_eq!(off, distance(pixel, nearest.place(found)));
            }
        }
    }
}
