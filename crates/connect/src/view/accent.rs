//! The project's colour, made readable in both themes.
//!
//! Guarantee: text on a button, and the colour used as text, have a contrast of at least 4.5:1
//! (WCAG 2.2, 1.4.3) on every surface of [`crate::view::palette`], whatever colour a project picks.

use std::{convert::Infallible, sync::LazyLock};

use quick_cache::sync::Cache;

use crate::view::palette::{self, Scheme};

pub use crate::view::color::{Rgb, contrast_ratio};

/// The contrast that text needs (WCAG 2.2, 1.4.3).
pub const TEXT_CONTRAST: f64 = 4.5;
/// The contrast that the shape of a control needs (WCAG 2.2, 1.4.11).
const SHAPE_CONTRAST: f64 = 3.0;
/// How much of the accent is in the tint behind marks.
const TINT: f64 = 0.1;

/// Of how many brands what was made of their colours is kept.
pub(crate) const BRANDS: usize = 256;

/// Every page needs one, and finding readable shades takes a while.
static ACCENTS: LazyLock<Cache<Rgb, Accent>> = LazyLock::new(|| Cache::new(BRANDS));

/// The colours that one theme makes of the accent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccentColors {
    /// Face of the primary button.
    pub solid: Rgb,
    /// Text on `solid`.
    pub on_solid: Rgb,
    /// Links, focus ring, marks: the accent as text.
    pub ink: Rgb,
    /// A breath of the accent, behind marks.
    pub tint: Rgb,
}

/// A project's colour in both themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Accent {
    /// In the light theme.
    pub light: AccentColors,
    /// In the dark theme.
    pub dark: AccentColors,
}

/// Why a colour cannot be an accent.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum AccentError {
    /// Neither `#rgb` nor `#rrggbb`.
    #[error("must be a colour like #0b5c73")]
    NotAColor,
    /// White text on it would be hard to read.
    #[error(
        "white text on it has a contrast of {ratio:.1}:1; at least 4.5:1 is needed, so take a darker colour"
    )]
    TooLight {
        /// The contrast of white on the colour, rounded down to a tenth.
        ratio: f64,
    },
}

impl Accent {
    /// The accent of projects that set none.
    pub const DEFAULT_HEX: &'static str = "#0b5c73";

    /// Makes an accent of `#rgb` or `#rrggbb`.
    ///
    /// Button text is white in the light theme by rule, so a colour on which white has less than
    /// 4.5:1 is refused.
    ///
    /// # Errors
    /// [`AccentError::NotAColor`] for anything that is not such a colour and
    /// [`AccentError::TooLight`] for one that is too light.
    pub fn from_hex(hex: &str) -> Result<Self, AccentError> {
        let color = parse_hex(hex).ok_or(AccentError::NotAColor)?;
        let ratio = contrast_ratio(color, palette::WHITE);
        if ratio < TEXT_CONTRAST {
            // Rounded down, so that 4.49 is not reported as the 4.5 that would do.
            return Err(AccentError::TooLight {
                ratio: (ratio * 10.0).floor() / 10.0,
            });
        }
        let Ok(accent) = ACCENTS.get_or_insert_with(&color, || {
            Ok::<_, Infallible>(Self {
                light: light(color),
                dark: dark(color),
            })
        });
        Ok(accent)
    }
}

impl Default for Accent {
    fn default() -> Self {
        static DEFAULT: LazyLock<Accent> = LazyLock::new(|| {
            Accent::from_hex(Accent::DEFAULT_HEX)
                .expect("the default accent is dark enough, see its test")
        });
        *DEFAULT
    }
}

/// The colour, as little lighter or darker as it takes to be read on all of `surfaces`.
fn readable(color: Rgb, surfaces: &[Rgb], lighter: bool) -> Rgb {
    let goal = if lighter {
        palette::WHITE
    } else {
        palette::BLACK
    };
    let is_readable = |shade: &Rgb| {
        surfaces
            .iter()
            .all(|s| contrast_ratio(*shade, *s) >= TEXT_CONTRAST)
    };
    let shades = color.shades(lighter);
    shades.into_iter().find(is_readable).unwrap_or(goal)
}

fn light(color: Rgb) -> AccentColors {
    let tint = palette::surface(Scheme::Light).mixed(color, TINT);
    let surfaces = palette::surfaces_with(Scheme::Light, tint);
    let ink = readable(color, &surfaces, false);
    AccentColors {
        solid: color,
        on_solid: palette::WHITE,
        ink,
        tint,
    }
}

/// A colour that stands out on dark surfaces stays as it is; a darker one is lightened until it
/// does, and its text turns dark.
fn dark(color: Rgb) -> AccentColors {
    let tint = palette::surface(Scheme::Dark).mixed(color, TINT);
    let surfaces = palette::surfaces_with(Scheme::Dark, tint);
    let ink = readable(color, &surfaces, true);
    let stands_out = surfaces
        .iter()
        .all(|s| contrast_ratio(color, *s) >= SHAPE_CONTRAST);
    if stands_out {
        AccentColors {
            solid: color,
            on_solid: palette::WHITE,
            ink,
            tint,
        }
    } else {
        AccentColors {
            solid: ink,
            on_solid: palette::NIGHT,
            ink,
            tint,
        }
    }
}

fn parse_hex(hex: &str) -> Option<Rgb> {
    let digits = hex.strip_prefix('#')?;
    let values: Vec<u8> = digits
        .chars()
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect::<Option<_>>()?;
    match values[..] {
        [r, g, b] => Some(Rgb(r * 17, g * 17, b * 17)),
        [r1, r2, g1, g2, b1, b2] => Some(Rgb(r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_colours_are_refused_and_the_ratio_is_told() {
        let error = Accent::from_hex("#ffcc00").expect_err("yellow");
        assert!(error.to_string().contains("1.5:1"), "{error}");
        assert_eq!(
            Accent::from_hex("#777"),
            Err(AccentError::TooLight { ratio: 4.4 })
        );
        assert!(Accent::from_hex("#767676").is_ok());
    }

    #[test]
    fn what_is_not_a_colour_is_refused() {
        for text in [
            "", "#", "0b5c73", "#12345", "#1234567", "#ggg", "red", "#ééé", "#+1+2+3",
        ] {
            assert_eq!(
                Accent::from_hex(text),
                Err(AccentError::NotAColor),
                "{text}"
            );
        }
    }

    #[test]
    fn every_accepted_colour_is_readable_in_both_themes() {
        for step in 0..(16 * 16 * 16u32) {
            let hex = format!("#{step:03x}");
            let Ok(accent) = Accent::from_hex(&hex) else {
                continue;
            };
            for (scheme, colors) in [(Scheme::Light, accent.light), (Scheme::Dark, accent.dark)] {
                assert!(
                    contrast_ratio(colors.solid, colors.on_solid) >= 4.5,
                    "{hex} {scheme:?}"
                );
                for surface in palette::surfaces_with(scheme, colors.tint) {
                    assert!(
                        contrast_ratio(colors.ink, surface) >= 4.5,
                        "{hex} {scheme:?}"
                    );
                }
                // The arch on the number's card is a veil of the accent (see connect.css).
                let veiled = colors.tint.mixed(colors.ink, 0.1);
                for text in palette::text_colors(scheme) {
                    assert!(contrast_ratio(text, veiled) >= 4.5, "{hex} {scheme:?}");
                    assert!(contrast_ratio(text, colors.tint) >= 4.5, "{hex} {scheme:?}");
                }
                let shape = contrast_ratio(colors.solid, palette::surface(scheme));
                assert!(shape >= 3.0, "{hex} {scheme:?}");
            }
        }
    }

    #[test]
    fn the_default_is_an_accent() {
        assert!(Accent::from_hex(Accent::DEFAULT_HEX).is_ok());
        assert_eq!(
            Accent::default().light.solid.to_string(),
            Accent::DEFAULT_HEX
        );
    }
}
