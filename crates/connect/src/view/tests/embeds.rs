//! Pages inside other pages, and the module that puts them there.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::*;

#[test]
fn a_page_in_a_frame_tells_its_embedder_and_leads_away_only_in_the_whole_window() {
    let pages = samples(Theme::Auto);
    let page = |name| {
        let found = pages.iter().find(|page| page.name == name);
        &found.expect("it is there").html
    };
    let told =
        r#"<body class="framed" data-by="https://juniper.example" data-session="csn_sample">"#;
    for name in ["intro-framed", "intro-framed-cookies", "leaving-framed"] {
        assert!(page(name).contains(told), "{name}");
        assert!(page(name).contains("postMessage("), "{name}");
        assert!(!page(name).contains("http-equiv=\"refresh\""), "{name}");
    }
    assert!(page("leaving-framed").contains(" target=\"_top\" data-primary data-return"));
    assert!(page("intro-framed").contains("name=\"embed\" value=\"https://juniper.example\""));
    assert!(!page("intro-framed").contains("target=\"_top\""));
    assert!(page("intro-framed-cookies").contains("target=\"_top\""));
    assert!(!page("intro-framed-cookies").contains("name=\"embed\""));
    for name in ["intro", "leaving"] {
        assert!(page(name).contains("<body>"), "{name}");
        assert!(!page(name).contains("postMessage"), "{name}");
    }
}

#[test]
fn the_embeds_module_is_small_and_its_types_know_its_events() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(EMBED_MODULE.as_bytes());
    written.expect("writing to memory");
    let size = encoder.finish().expect("writing to memory").len();
    assert!(size < 6 * 1024, "{size} bytes");
    for event in ["step", "completed", "aborted", "failed", "fallback"] {
        assert!(EMBED_MODULE.contains(&format!("'{event}'")), "{event}");
        assert!(
            EMBED_TYPES.contains(&format!("  {event}: CustomEvent<")),
            "{event}"
        );
    }
    for reason in ["refused", "timeout", "cookies", "origin"] {
        assert!(EMBED_MODULE.contains(&format!("'{reason}'")), "{reason}");
        assert!(EMBED_TYPES.contains(&format!("'{reason}'")), "{reason}");
    }
    for part in ["import ", "eval(", "innerHTML", "'*'", "http://"] {
        assert!(!EMBED_MODULE.contains(part), "{part}");
    }
}
