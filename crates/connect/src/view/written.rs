//! A page as it is written: its own text, and between it what many pages have in common. And any other
//! text that goes out compressed.

use std::{fmt, ptr, sync::Arc};

use askama::Template;

use super::{
    compressed::{Gzip, Packed},
    frame::Frame,
    style::{FRAMED_SCRIPT, RULES, SCRIPT},
};

/// More than most pages have of their own.
const ROOM: usize = 4 * 1_024;

/// A whole page.
pub trait Page: Template {
    /// What is around it.
    fn frame(&self) -> &Frame;

    /// What else it has in common with many pages.
    fn common(&self) -> Vec<&Arc<Packed>> {
        Vec::new()
    }
}

/// A page, or another text, that is ready to be sent.
pub struct Written(Vec<Part>);

/// A piece of a page.
pub(crate) enum Part {
    /// As it is.
    Own(String),
    /// What many pages have.
    Common(Arc<Packed>),
}

impl Written {
    /// Renders a page.
    pub fn of(page: &impl Page) -> Self {
        let colors = page.frame().colors();
        let mut common = page.common();
        common.extend([&colors, &*RULES, &*SCRIPT, &*FRAMED_SCRIPT]);
        let mut writer = Writer {
            common,
            own: String::with_capacity(ROOM),
            parts: Vec::with_capacity(8),
        };
        // It fails only if writing to the string or a value's `Display` does, and neither can.
        page.render_into(&mut writer)
            .expect("a page writes plain values to a string");
        writer.end_own();
        Self(writer.parts)
    }

    /// A text that is the same for everybody: it is compressed now, and well.
    pub fn common(text: &str) -> Self {
        Self(vec![Part::Common(Arc::new(Packed::new(text.to_owned())))])
    }

    /// As it is.
    pub fn text(&self) -> String {
        let texts = self.0.iter().map(Part::text);
        texts.collect::<Vec<_>>().concat()
    }

    /// As a gzip body.
    pub fn gzip(&self) -> Vec<u8> {
        let own = self.0.iter().map(|part| match part {
            Part::Own(text) => text.len(),
            Part::Common(_) => 0,
        });
        let common = self.0.iter().filter_map(|part| match part {
            Part::Own(_) => None,
            Part::Common(packed) => Some(&**packed),
        });
        let mut gzip = Gzip::new(own.sum(), common);
        for part in &self.0 {
            match part {
                Part::Own(text) => gzip.push(text),
                Part::Common(packed) => gzip.push_packed(packed),
            }
        }
        gzip.finish()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Part {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Common(packed) => packed.text(),
        }
    }
}

/// Takes what a template writes, and knows what is common by where it lies in memory: nothing that
/// somebody typed can be taken for it.
struct Writer<'c> {
    common: Vec<&'c Arc<Packed>>,
    own: String,
    parts: Vec<Part>,
}

impl Writer<'_> {
    fn end_own(&mut self) {
        if !self.own.is_empty() {
            self.parts.push(Part::Own(std::mem::take(&mut self.own)));
        }
    }
}

impl fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut common = self.common.iter();
        match common.find(|packed| ptr::eq(packed.text(), text)) {
            Some(&packed) => {
                self.end_own();
                self.parts.push(Part::Common(packed.clone()));
            }
            None => self.own.push_str(text),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write as _, io::Read};

    use super::*;
    use crate::view::{CheckInput, DonorProviderApproval, Embedded, Step, Theme, sample};

    fn unzipped(body: &[u8]) -> String {
        let mut text = String::new();
        let mut reader = flate2::read::GzDecoder::new(body);
        reader.read_to_string(&mut text).expect("a gzip body");
        text
    }

    #[test]
    fn any_text_comes_back_whole() {
        let packed = Arc::new(Packed::new("a { color: red } ".repeat(40)));
        let common = || Part::Common(packed.clone());
        let own = |text: &str| Part::Own(text.to_owned());
        let pages = [
            vec![],
            vec![own("short")],
            vec![own(&"<p>Ünïcödé &amp; more</p>".repeat(9_000))],
            vec![own(&"x".repeat(511)), own(&"x".repeat(512))],
            vec![own(&"xy".repeat(32_767)), own(&"xy".repeat(32_768))],
            vec![own(&"x".repeat(65_535)), own(&"é".repeat(40_000))],
            vec![common()],
            vec![
                own("<style>"),
                common(),
                common(),
                own(&"<p>x</p>".repeat(200)),
                common(),
            ],
            vec![common(), own(""), common()],
        ];
        for page in pages.map(Written) {
            assert_eq!(unzipped(&page.gzip()), page.text());
        }
    }

    #[test]
    fn what_is_common_is_known() {
        let mut frame = sample::frame(Theme::Auto);
        frame.embed = Some(Embedded {
            by: Some("https://juniper.example".to_owned()),
            session: "csn_sample".to_owned(),
            ended: None,
        });
        let page = DonorProviderApproval {
            frame,
            step: Step::default(),
            donor: None,
            approval: CheckInput::default(),
        };
        let written = Written::of(&page);
        let common = written.0.iter();
        let common = common.filter(|part| matches!(part, Part::Common(_)));
        let texts: Vec<_> = common.map(Part::text).collect();
        let colors = page.frame.colors();
        let scripts = [FRAMED_SCRIPT.text(), SCRIPT.text()];
        assert_eq!(texts, [colors.text(), RULES.text(), scripts[0], scripts[1]]);
    }

    #[test]
    fn a_copy_of_what_is_common_is_the_pages_own() {
        let mut writer = Writer {
            common: vec![&RULES],
            own: String::new(),
            parts: Vec::new(),
        };
        let copy = RULES.text().to_owned();
        let written = [&copy, RULES.text()].map(|text| writer.write_str(text));
        assert_eq!(written, [Ok(()), Ok(())]);
        let [Part::Own(own), Part::Common(_)] = &writer.parts[..] else {
            panic!("the copy, then the text itself");
        };
        assert_eq!(*own, copy);
    }
}
