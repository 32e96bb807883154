//! The plot: for each row how far the product lies from what it must reach, to the right where it is
//! better. One SVG without scripts or fonts of its own, for light and dark pages.

use std::fmt::Write;

use crate::table::Row;

const WIDTH: f64 = 1_000.0;
/// Where the scale begins and ends.
const LEFT: f64 = 430.0;
const RIGHT: f64 = 830.0;
const TOP: f64 = 104.0;
const LINE: f64 = 36.0;
const FOOT: f64 = 40.0;
/// The scale: from an eighth of what must be reached to eight times as good.
const OCTAVES: f64 = 3.0;
/// Letters of a line beside the scale.
const LETTERS: usize = 54;

const STYLE: &str = "
    text { font: 12.5px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1f2328 }
    .page { fill: #ffffff; stroke: #d1d9e0 } .title { font-size: 17px; font-weight: 600 }
    .quiet, .tick { fill: #59636e } .tick { font-size: 11.5px } .number { font-weight: 600 }
    .right { text-anchor: end } .middle { text-anchor: middle } .value { font-weight: 600 }
    .grid { stroke: #d1d9e0; stroke-width: 1 } .must { stroke: #59636e; stroke-width: 1.5 }
    .band { fill: #f6f8fa } .wanted { fill: none; stroke: #59636e; stroke-width: 1.6 }
    .goal { fill: #1a7f37; stroke: #1a7f37 } .met { fill: #0969da; stroke: #0969da }
    .missed { fill: #ffffff; stroke: #cf222e } line.bar { stroke-width: 5; stroke-linecap: round; opacity: .55 }
    circle { stroke-width: 2.5 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc } .page { fill: #0d1117; stroke: #3d444d } .quiet, .tick { fill: #9198a1 }
      .grid { stroke: #2a313c } .must, .wanted { stroke: #9198a1 } .band { fill: #151b23 }
      .goal { fill: #3fb950; stroke: #3fb950 } .met { fill: #4493f8; stroke: #4493f8 }
      .missed { fill: #0d1117; stroke: #f85149 }
    }
";

/// The rows that something is asked of.
pub fn svg(rows: &[Row]) -> String {
    let rows: Vec<_> = rows.iter().filter(|row| row.must.is_some()).collect();
    let end = TOP + LINE * rows.len() as f64;
    let height = end + FOOT;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title about\">\n<title id=\"title\">Portico's performance against what it must reach</title>\n\
         <desc id=\"about\">One line for each figure of the table; to the right of the middle line is better than it must be.</desc>\n\
         <style>{STYLE}</style>\n<rect class=\"page\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        WIDTH - 1.0,
        height - 1.0
    );
    head(&mut svg);
    for at in 0..rows.len() {
        let y = TOP + LINE * at as f64;
        if at % 2 == 0 {
            let width = WIDTH - 2.0;
            add(
                &mut svg,
                format!(
                    "<rect class=\"band\" x=\"1\" y=\"{y}\" width=\"{width}\" height=\"{LINE}\"/>"
                ),
            );
        }
    }
    scale(&mut svg, end);
    for (at, row) in rows.iter().enumerate() {
        line(&mut svg, row, TOP + LINE * (at as f64 + 0.5));
    }
    svg + "</svg>\n"
}

fn add(svg: &mut String, element: String) {
    svg.push_str(&element);
    svg.push('\n');
}

fn text(svg: &mut String, class: &str, (x, y): (f64, f64), words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    add(
        svg,
        format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{words}</text>"),
    );
}

fn head(svg: &mut String) {
    text(
        svg,
        "title",
        (24.0, 36.0),
        "Measured, against what it must reach",
    );
    let keys = [
        ("goal", "reaches its goal"),
        ("met", "reaches its must"),
        ("missed", "misses its must"),
    ];
    let mut x = 430.0;
    for (class, words) in keys {
        add(
            svg,
            format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"31.5\" r=\"5\"/>"),
        );
        text(svg, "quiet", (x + 12.0, 36.0), words);
        x += 135.0;
    }
    diamond(svg, (x, 31.5));
    text(svg, "quiet", (x + 12.0, 36.0), "goal");
    text(svg, "quiet right", (42.0, 84.0), "row");
    text(svg, "tick right", (place(1.0) - 12.0, 66.0), "← worse");
    text(svg, "tick", (place(1.0) + 12.0, 66.0), "better →");
    text(svg, "quiet right", (WIDTH - 24.0, 84.0), "measured");
}

fn scale(svg: &mut String, end: f64) {
    for (octave, name) in [
        (-3, "⅛"),
        (-2, "¼"),
        (-1, "½"),
        (0, "must"),
        (1, "2 ×"),
        (2, "4 ×"),
        (3, "8 ×"),
    ] {
        let x = place(2_f64.powi(octave));
        let class = if octave == 0 { "must" } else { "grid" };
        add(
            svg,
            format!(
                "<line class=\"{class}\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{end}\"/>",
                TOP - 8.0
            ),
        );
        text(svg, "tick middle", (x, 84.0), name);
        text(svg, "tick middle", (x, end + 22.0), name);
    }
}

fn line(svg: &mut String, row: &Row, y: f64) {
    text(
        svg,
        "number right",
        (42.0, y + 4.5),
        &row.number.to_string(),
    );
    let lines = wrapped(&row.what);
    let first = y + 4.5 - 7.5 * (lines.len() as f64 - 1.0);
    for (at, words) in lines.iter().enumerate() {
        text(svg, "", (54.0, first + 15.0 * at as f64), words);
    }
    let class = match row.met() {
        "goal" => "goal",
        "yes" => "met",
        _ => "missed",
    };
    let (must, here) = (place(1.0), place(row.score(row.measured)));
    add(
        svg,
        format!(
            "<line class=\"bar {class}\" x1=\"{must}\" y1=\"{y}\" x2=\"{here:.1}\" y2=\"{y}\"/>"
        ),
    );
    if let Some(goal) = row.goal {
        diamond(svg, (place(row.score(goal)), y));
    }
    add(
        svg,
        format!("<circle class=\"{class}\" cx=\"{here:.1}\" cy=\"{y}\" r=\"5\"/>"),
    );
    text(
        svg,
        "value right",
        (WIDTH - 24.0, y - 3.0),
        &row.with_unit(row.measured),
    );
    let must = format!("must {}", row.asked(row.must));
    text(svg, "tick right", (WIDTH - 24.0, y + 12.0), &must);
}

fn diamond(svg: &mut String, (x, y): (f64, f64)) {
    let mut path = String::new();
    let side = 6.0;
    write!(
        path,
        "M{:.1} {y}l{side} -{side} {side} {side} -{side} {side}z",
        x - side
    )
    .expect("text can be written to");
    add(svg, format!("<path class=\"wanted\" d=\"{path}\"/>"));
}

/// Where so many times as good as it must be is; at the edge what lies beyond.
fn place(score: f64) -> f64 {
    let octaves = score.log2().clamp(-OCTAVES, OCTAVES);
    (LEFT + RIGHT) / 2.0 + (RIGHT - LEFT) / 2.0 * octaves / OCTAVES
}

/// Two lines at the most hold every name; a third is better than a cut.
fn wrapped(words: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.replace('`', "").split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > LETTERS {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}
