//! The neutral colours of the pages. Kept here and not in the style sheet, so that contrast is
//! computed and tested.

pub(crate) use crate::view::color::{BLACK, WHITE};

use crate::view::color::Rgb;

/// The dark text on a lightened accent.
pub(crate) const NIGHT: Rgb = Rgb(0x0c, 0x0e, 0x11);

/// One of the two sets of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

/// Custom property, light colour, dark colour.
pub(crate) const COLORS: [(&str, Rgb, Rgb); 13] = [
    // Behind the sheet on wide screens.
    ("ground", Rgb(0xf3, 0xf2, 0xee), Rgb(0x0e, 0x10, 0x13)),
    // The sheet that everything stands on.
    ("surface", WHITE, Rgb(0x17, 0x1a, 0x1e)),
    // Quiet boxes on the sheet.
    ("sunk", Rgb(0xf6, 0xf5, 0xf2), Rgb(0x20, 0x24, 0x29)),
    ("ink", Rgb(0x14, 0x17, 0x1b), Rgb(0xee, 0xf0, 0xf2)),
    ("soft", Rgb(0x51, 0x58, 0x62), Rgb(0xab, 0xb2, 0xbc)),
    // Hairlines; decoration only.
    ("line", Rgb(0xe1, 0xdf, 0xd9), Rgb(0x2f, 0x34, 0x3b)),
    // Borders of controls, 3:1.
    ("edge", Rgb(0x80, 0x86, 0x90), Rgb(0x7a, 0x82, 0x8d)),
    ("bad", Rgb(0xb0, 0x24, 0x1c), Rgb(0xff, 0xb0, 0xa6)),
    ("bad-tint", Rgb(0xfd, 0xf1, 0xef), Rgb(0x2e, 0x1c, 0x1b)),
    ("warn", Rgb(0x84, 0x4f, 0x00), Rgb(0xf3, 0xc3, 0x74)),
    ("warn-tint", Rgb(0xfd, 0xf5, 0xe4), Rgb(0x2a, 0x22, 0x16)),
    ("good", Rgb(0x17, 0x66, 0x3b), Rgb(0x8c, 0xd6, 0xa7)),
    ("good-tint", Rgb(0xec, 0xf6, 0xef), Rgb(0x17, 0x25, 0x1c)),
];

/// A colour by its name.
fn color(name: &str, scheme: Scheme) -> Rgb {
    let found = COLORS.iter().find(|(known, _, _)| *known == name);
    let (_, light, dark) = found.expect("names are literals of this file");
    if scheme == Scheme::Light {
        *light
    } else {
        *dark
    }
}

/// The sheet's colour.
pub(crate) fn surface(scheme: Scheme) -> Rgb {
    color("surface", scheme)
}

/// Everything that text in the accent's colour may stand on.
pub(crate) fn surfaces_with(scheme: Scheme, tint: Rgb) -> [Rgb; 6] {
    let named = |name| color(name, scheme);
    [
        named("ground"),
        named("surface"),
        named("sunk"),
        named("bad-tint"),
        named("warn-tint"),
        tint,
    ]
}

/// The colours of ordinary text.
#[cfg(test)]
pub(crate) fn text_colors(scheme: Scheme) -> [Rgb; 2] {
    ["ink", "soft"].map(|name| color(name, scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::color::contrast_ratio;

    #[test]
    fn neutral_colours_are_readable() {
        let text = [
            (
                "ink",
                vec![
                    "ground",
                    "surface",
                    "sunk",
                    "bad-tint",
                    "warn-tint",
                    "good-tint",
                ],
            ),
            (
                "soft",
                vec![
                    "ground",
                    "surface",
                    "sunk",
                    "bad-tint",
                    "warn-tint",
                    "good-tint",
                ],
            ),
            ("bad", vec!["surface", "bad-tint"]),
            ("warn", vec!["surface", "warn-tint"]),
            ("good", vec!["surface", "good-tint"]),
        ];
        for scheme in [Scheme::Light, Scheme::Dark] {
            for (ink, surfaces) in &text {
                for surface in surfaces {
                    let ratio = contrast_ratio(color(ink, scheme), color(surface, scheme));
                    assert!(ratio >= 4.5, "{ink} on {surface}, {scheme:?}: {ratio:.2}");
                }
            }
            for surface in ["surface", "sunk", "ground"] {
                let ratio = contrast_ratio(color("edge", scheme), color(surface, scheme));
                assert!(ratio >= 3.0, "edge on {surface}, {scheme:?}: {ratio:.2}");
            }
        }
    }
}
