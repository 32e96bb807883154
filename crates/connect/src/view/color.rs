//! Colours and the arithmetic on them that the pages need: contrast, mixing, and shades that keep
//! their hue.

use std::fmt;

/// An opaque sRGB colour; prints as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// Pure white.
pub(crate) const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
/// Pure black.
pub(crate) const BLACK: Rgb = Rgb(0, 0, 0);
/// How many shades lie between a colour and black or white.
const SHADES: u32 = 60;

impl fmt::Display for Rgb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// The contrast of two colours, from 1 (same) to 21 (black on white), as WCAG 2.2 defines it.
pub fn contrast_ratio(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

impl Rgb {
    /// The channels as light intensities from 0 to 1.
    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// The inverse of [`Self::linear`]; `None` for a colour that a screen cannot show.
    fn from_linear(intensities: [f64; 3]) -> Option<Self> {
        // A little tolerance, so that rounding does not push white out of the range.
        if intensities
            .iter()
            .any(|value| !(-0.001..=1.001).contains(value))
        {
            return None;
        }
        let [red, green, blue] = intensities.map(|value| {
            let value = value.clamp(0.0, 1.0);
            let encoded = if value <= 0.003_130_8 {
                value * 12.92
            } else {
                1.055 * value.powf(1.0 / 2.4) - 0.055
            };
            // From 0 to 255, so the cast cannot cut anything off.
            (encoded * 255.0).round() as u8
        });
        Some(Self(red, green, blue))
    }

    /// Relative luminance, from 0 (black) to 1 (white), as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// This colour with `share` (0 to 1) of another mixed in.
    pub(crate) fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |from: u8, to: u8| {
            let value = f64::from(from) + (f64::from(to) - f64::from(from)) * share;
            // Between two bytes, so rounding cannot leave the range of a byte.
            value.round() as u8
        };
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// This colour, then ever lighter (or darker) ones of the same hue, up to white (or black).
    pub(crate) fn shades(self, lighter: bool) -> Vec<Self> {
        let [lightness, a, b] = to_oklab(self.linear());
        let (goal, last) = if lighter { (1.0, WHITE) } else { (0.0, BLACK) };
        let shade = |step: u32| {
            let share = f64::from(step) / f64::from(SHADES);
            in_gamut([lightness + (goal - lightness) * share, a, b])
        };
        [self]
            .into_iter()
            .chain((1..SHADES).map(shade))
            .chain([last])
            .collect()
    }
}

/// The colour with as much of its chroma as a screen can show at this lightness.
fn in_gamut([lightness, a, b]: [f64; 3]) -> Rgb {
    let fits = |percent: u32| {
        let chroma = f64::from(percent) / 100.0;
        Rgb::from_linear(from_oklab([lightness, a * chroma, b * chroma]))
    };
    let grey = || if lightness > 0.5 { WHITE } else { BLACK };
    (0..=20)
        .rev()
        .find_map(|step| fits(step * 5))
        .unwrap_or_else(grey)
}

type Matrix = [[f64; 3]; 3];

fn times(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

// The four matrices are those of the published definition of Oklab (Björn Ottosson, 2020).
const RGB_TO_LMS: Matrix = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const LMS_TO_LAB: Matrix = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
const LAB_TO_LMS: Matrix = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const LMS_TO_RGB: Matrix = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

fn to_oklab(linear: [f64; 3]) -> [f64; 3] {
    times(&LMS_TO_LAB, times(&RGB_TO_LMS, linear).map(f64::cbrt))
}

fn from_oklab(lab: [f64; 3]) -> [f64; 3] {
    times(
        &LMS_TO_RGB,
        times(&LAB_TO_LMS, lab).map(|value| value * value * value),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((contrast_ratio(BLACK, WHITE) - 21.0).abs() < 0.001);
        // #767676 is the well-known lightest grey that passes on white.
        assert!(contrast_ratio(Rgb(0x76, 0x76, 0x76), WHITE) >= 4.5);
        assert!(contrast_ratio(Rgb(0x77, 0x77, 0x77), WHITE) < 4.5);
    }

    #[test]
    fn shades_end_in_white_and_black_and_keep_their_hue() {
        let petrol = Rgb(0x0b, 0x5c, 0x73);
        assert_eq!(petrol.shades(true).last(), Some(&WHITE));
        assert_eq!(petrol.shades(false).last(), Some(&BLACK));
        for shade in &petrol.shades(true)[..SHADES as usize] {
            assert!(
                shade.2 >= shade.1 && shade.1 >= shade.0,
                "{shade} is no longer blue-green"
            );
        }
    }
}
