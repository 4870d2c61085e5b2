//! A color as a caller writes it.

/// A color in sRGB, 8 bits a channel, alpha 255 being opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgba(pub [u8; 4]);

impl Rgba {
    /// Opaque white.
    pub const WHITE: Self = Self([255; 4]);

    /// Reads `#rgb`, `#rrggbb`, `#rrggbbaa`, `white`, `black` or `transparent`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "white" => return Some(Self::WHITE),
            "black" => return Some(Self([0, 0, 0, 255])),
            "transparent" => return Some(Self([0; 4])),
            _ => {}
        }
        let digits = text.strip_prefix('#')?;
        let nibbles = digits.chars().map(|digit| digit.to_digit(16).map(|value| value as u8));
        let nibbles = nibbles.collect::<Option<Vec<u8>>>()?;
        match nibbles[..] {
            [r, g, b] => Some(Self([r * 17, g * 17, b * 17, 255])),
            [r, s, g, h, b, c] => Some(Self([r * 16 + s, g * 16 + h, b * 16 + c, 255])),
            [r, s, g, h, b, c, a, d] => {
                Some(Self([r * 16 + s, g * 16 + h, b * 16 + c, a * 16 + d]))
            }
            _ => None,
        }
    }
}
