//! Every page in every state worth looking at, with made-up people. The tests render them all, and
//! the `gallery` example writes them to files.

mod forms;
mod last_forms;
mod results;

use crate::text::Texts;
use crate::view::{Accent, Brand, Embedded, Frame, Logo, Support, SupportPhone, Theme};

/// One rendered page.
pub struct Sample {
    /// Name of the state, fit for a file.
    pub name: &'static str,
    /// What `data-step` must be.
    pub step: &'static str,
    /// The page.
    pub html: String,
    /// The same as browsers get it.
    pub gzip: Vec<u8>,
}

/// All of them, in one theme.
pub fn samples(theme: Theme) -> Vec<Sample> {
    let mut all = forms::samples(theme);
    all.extend(last_forms::samples(theme));
    all.extend(results::samples(theme));
    all
}

/// The frame of a project with everything set.
pub fn frame(theme: Theme) -> Frame {
    Frame {
        texts: Texts::fallback(),
        nonce: "c2FtcGxl".to_owned(),
        brand: Brand {
            name: Some("Juniper Mobile".to_owned()),
            logo: None,
            icon: Some("favicon.svg".to_owned()),
            accent: Accent::default(),
        },
        theme,
        support: Support {
            email: Some("care@juniper.example".to_owned()),
            phone: Some(SupportPhone {
                e164: "+19595550199".to_owned(),
                text: "+1 959-555-0199".to_owned(),
            }),
            url: Some("https://juniper.example/help".to_owned()),
        },
        notice: None,
        embedders: Vec::new(),
        embed: None,
    }
}

/// The frame of a project with another colour, a logo, and no support contact.
fn other_frame(theme: Theme) -> Frame {
    let mut frame = frame(theme);
    frame.brand.name = Some("Voltara".to_owned());
    frame.brand.logo = Some(Logo {
        src: "favicon.svg".to_owned(),
        size: Some((32, 32)),
    });
    frame.brand.accent = Accent::from_hex("#c2185b").unwrap_or_default();
    frame.support = Support::default();
    frame
}

/// The frame of a page inside another page.
fn framed_frame(theme: Theme) -> Frame {
    let mut frame = frame(theme);
    frame.embed = Some(Embedded {
        by: Some("https://juniper.example".to_owned()),
        session: "csn_sample".to_owned(),
        ended: None,
    });
    frame
}

/// The frame that tells nothing of whose link it was.
fn nameless_frame(theme: Theme) -> Frame {
    let mut frame = frame(theme);
    frame.brand = Brand {
        icon: Some("favicon.svg".to_owned()),
        ..Brand::default()
    };
    frame.support = Support::default();
    frame
}
