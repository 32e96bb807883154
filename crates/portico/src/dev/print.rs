//! What `portico dev` says on standard output. A reader that went away is no error.

use std::io::Write;

use portico_app::App;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    project,
    samples::{CALLBACK_URL, Sample},
};

/// Where it is and how to get in; printed at once.
pub fn greeting(app: &App, api_key: &SecretString) {
    let url = &app.config.public_url;
    say(&format!(
        "\n  Portico is running.\n\n  \
         API        {url}/projects/{project}\n  \
         Reference  {url}/openapi.json\n  \
         API key    {key}\n",
        project = project::ID,
        key = api_key.expose_secret(),
    ));
}

/// The samples, for people.
pub fn as_text(app: &App, api_key: &SecretString, samples: &[Sample]) {
    let mut text = String::from(
        "  Samples: open a link once; the curl below it makes another for the same subscription.\n",
    );
    for sample in samples {
        let curl = curl(app, api_key, sample);
        text.push_str(&format!(
            "\n  {}\n    {}\n    {curl}\n",
            sample.about, sample.url
        ));
    }
    text.push_str(
        "\n  Stop with Ctrl-C. The next start keeps all of this and adds fresh samples.\n",
    );
    say(&text);
}

/// The samples, for programs: one line.
pub fn as_json(app: &App, api_key: &SecretString, samples: &[Sample]) {
    let samples = samples.iter().map(|sample| {
        json!({
            "name": sample.name,
            "about": sample.about,
            "url": sample.url,
            "subscription": sample.subscription,
            "porting": sample.porting,
            "user": sample.user,
            "curl": curl(app, api_key, sample),
        })
    });
    let all = json!({
        "baseUrl": app.config.public_url,
        "project": project::ID,
        "apiKey": api_key.expose_secret(),
        "samples": samples.collect::<Vec<_>>(),
    });
    say(&all.to_string());
}

/// The call that makes another link for the sample's subscription; to be pasted into a shell.
fn curl(app: &App, api_key: &SecretString, sample: &Sample) -> String {
    let body = json!({
        "callbackUrl": CALLBACK_URL,
        "intent": {
            "type": "completePorting",
            "completePorting": { "subscription": sample.subscription },
        },
        "user": sample.user,
    });
    format!(
        "curl -sS {url}/projects/{project}/connectSessions \
         -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{body}'",
        url = app.config.public_url,
        project = project::ID,
        key = api_key.expose_secret(),
    )
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
