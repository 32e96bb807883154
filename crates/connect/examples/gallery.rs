//! Writes every page in every state to a folder, light and dark, to look at them:
//! `cargo run -p portico-connect --example gallery -- FOLDER`.

use std::path::PathBuf;
use std::{env, fs, io};

use portico_connect::view::sample::samples;
use portico_connect::view::{FAVICON_SVG, Theme};

fn main() -> io::Result<()> {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder to write to"));
    };
    let mut index = String::from("<!doctype html><title>Connect</title><ul>");
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("favicon.svg"), FAVICON_SVG)?;
        for sample in samples(theme) {
            let file = format!("{}.html", sample.name);
            fs::write(folder.join(&file), sample.html)?;
            index.push_str(&format!("<li><a href=\"{name}/{file}\">{name}/{file}</a>"));
        }
    }
    fs::write(folder.join("index.html"), index)
}
