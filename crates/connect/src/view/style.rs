//! The style sheet of a page: colours of its theme and brand, then the rules, without the blanks
//! and comments that are for people.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use quick_cache::sync::Cache;

use crate::view::accent::{Accent, AccentColors, BRANDS};
use crate::view::compressed::Packed;
use crate::view::frame::{Frame, Theme};
use crate::view::palette::{COLORS, Scheme};

/// Everything inside the `style` element but the colours.
pub(super) static RULES: LazyLock<Arc<Packed>> =
    LazyLock::new(|| packed(compact(include_str!("../../assets/connect.css"))));
/// Everything inside the `script` element.
pub(super) static SCRIPT: LazyLock<Arc<Packed>> =
    LazyLock::new(|| packed(compact_script(include_str!("../../assets/connect.js"))));
/// Everything inside the `script` element that a page in a frame has besides.
pub(super) static FRAMED_SCRIPT: LazyLock<Arc<Packed>> =
    LazyLock::new(|| packed(compact_script(include_str!("../../assets/framed.js"))));

static PALETTES: LazyLock<Cache<(Theme, Accent), Arc<Packed>>> =
    LazyLock::new(|| Cache::new(BRANDS));

impl Frame {
    /// The colours at the head of the `style` element. Made of our own text and of numbers, never of
    /// input.
    pub(crate) fn colors(&self) -> Arc<Packed> {
        let (theme, accent) = (self.theme, self.brand.accent);
        let Ok(colors) = PALETTES.get_or_insert_with(&(theme, accent), || {
            Ok::<_, Infallible>(packed(css(theme, &accent)))
        });
        colors
    }

    /// The rest of it.
    pub(crate) fn rules(&self) -> &'static str {
        RULES.text()
    }

    /// Everything inside the `script` element.
    pub(crate) fn script(&self) -> &'static str {
        SCRIPT.text()
    }

    /// Everything inside the `script` element that a page in a frame has besides.
    pub(crate) fn framed_script(&self) -> &'static str {
        FRAMED_SCRIPT.text()
    }
}

fn packed(text: String) -> Arc<Packed> {
    Arc::new(Packed::new(text))
}

fn css(theme: Theme, accent: &Accent) -> String {
    let mut css = String::new();
    match theme {
        Theme::Light => tokens(&mut css, Scheme::Light, accent),
        Theme::Dark => tokens(&mut css, Scheme::Dark, accent),
        Theme::Auto => {
            tokens(&mut css, Scheme::Light, accent);
            css.push_str("@media(prefers-color-scheme:dark){");
            tokens(&mut css, Scheme::Dark, accent);
            css.push('}');
        }
    }
    css
}

fn tokens(css: &mut String, scheme: Scheme, accent: &Accent) {
    let (name, colors) = match scheme {
        Scheme::Light => ("light", &accent.light),
        Scheme::Dark => ("dark", &accent.dark),
    };
    let AccentColors {
        solid,
        on_solid,
        ink,
        tint,
    } = colors;
    // Writing to a string cannot fail.
    let _ = write!(
        css,
        ":root{{color-scheme:{name};--solid:{solid};--on-solid:{on_solid};"
    );
    let _ = write!(css, "--accent:{ink};--tint:{tint}");
    for (name, light, dark) in &COLORS {
        let color = if scheme == Scheme::Light { light } else { dark };
        let _ = write!(css, ";--{name}:{color}");
    }
    css.push('}');
}

/// Removes comments and blanks that mean nothing. Enough for our own sheet, which has no strings
/// with blanks or braces in them; it is not a general tool.
fn compact(css: &str) -> String {
    let mut without_comments = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        without_comments.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    without_comments.push_str(rest);
    let mut words = without_comments.split_whitespace();
    let mut out = String::with_capacity(without_comments.len());
    out.push_str(words.next().unwrap_or_default());
    for word in words {
        let after_mark = out.ends_with(['{', '}', ';', ',', ':']);
        let before_mark = word.starts_with(['{', '}']);
        if !after_mark && !before_mark {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.replace(";}", "}")
}

/// Removes indentation and lines that are only a comment; what is left keeps its line ends.
pub(super) fn compact_script(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_keeps_the_meaning() {
        let css = "/* why */\na , b > c:hover,\nd :focus {\n  margin: 0 auto;\n  width: calc(1px + 2px);\n}\n";
        assert_eq!(
            compact(css),
            "a ,b > c:hover,d :focus{margin:0 auto;width:calc(1px + 2px)}"
        );
        assert_eq!(
            compact_script("// why\n  a();\n\n  b(); // c\n"),
            "a();\nb(); // c"
        );
    }

    #[test]
    fn nothing_in_style_or_script_ends_its_element_or_loads_anything() {
        for text in [RULES.text(), SCRIPT.text(), FRAMED_SCRIPT.text()] {
            assert!(!text.contains("</"), "would end the element");
            assert!(!text.contains("url("), "would load something");
            assert!(!text.contains("@import"), "would load something");
        }
    }
}
