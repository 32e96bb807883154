//! URLs from integrators. What a webhook is posted to is no private address in any disguise; what a
//! subscriber is sent back to runs no code, and what is appended to it changes nothing before it.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use portico_domain::{
    id::SessionId,
    session::{CallbackStatus, CallbackUrl},
};
use portico_outgoing::{AddressPolicy, Target};
use url::{Host, Url};

/// The longest URL that is taken, in bytes.
const MAX_URL: usize = 2_048;

fuzz_target!(|text: &str| {
    endpoint(text);
    callback(text);
});

fn endpoint(text: &str) {
    let public = AddressPolicy::default();
    let is_public = Target::parse(text, &public).is_ok();
    let is_taken = Target::parse(text, &AddressPolicy::with_loopback()).is_ok();
    assert!(
        is_taken || !is_public,
        "development takes what production takes"
    );
    if !is_taken {
        return;
    }
    let url = Url::parse(text).expect("what is taken is a URL");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let address = address(&url);
    let is_own = address.is_some_and(|address| carried(address).is_loopback());
    assert!(is_own || !address.is_some_and(is_private), "{url}");
    assert!(
        url.scheme() == "https" || url.scheme() == "http" && is_own && !is_public,
        "{url}"
    );
    assert!(!is_public || !is_own, "{url}");
    if is_public && url.as_str().len() <= MAX_URL {
        let again = Target::parse(url.as_str(), &public);
        assert!(again.is_ok(), "{url} is the same URL");
    }
}

/// The address that is known without asking a resolver.
fn address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(name) if name.trim_end_matches('.').ends_with("localhost") => {
            let name = name.strip_suffix('.').unwrap_or(name);
            let is_own = name == "localhost" || name.ends_with(".localhost");
            is_own.then_some(IpAddr::from([127, 0, 0, 1]))
        }
        Host::Domain(_) => None,
    }
}

/// An IPv4 address inside an IPv6 one.
fn carried(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let octets = v6.octets();
    let v4 = |at: usize| IpAddr::from([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]);
    match octets {
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, ..] => v4(12),
        [0x20, 0x02, ..] => v4(2),
        _ => v6.to_canonical(),
    }
}

/// By the standard library's notion, which is narrower than ours.
fn is_private(address: IpAddr) -> bool {
    match carried(address) {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_unspecified()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

fn callback(text: &str) {
    let Ok(taken) = CallbackUrl::parse(text) else {
        return;
    };
    assert_eq!(taken.as_str(), text);
    let before = Url::parse(text).expect("what is taken is a URL");
    assert!(!["javascript", "data", "file", "vbscript", "blob"].contains(&before.scheme()));
    assert_eq!(taken.is_web(), matches!(before.scheme(), "http" | "https"));
    assert!(!taken.destination().is_empty());
    if taken.is_web() {
        assert!(taken.has_origin(&before.origin().ascii_serialization()));
    }

    let session = SessionId::from_parts(0, 0, [0; 12]);
    let sent = taken.with_outcome(session, CallbackStatus::Success);
    let after = Url::parse(&sent).expect("it is still a URL");
    let part = |url: &Url| {
        let host = url.host_str().map(str::to_owned);
        let fragment = url.fragment().map(str::to_owned);
        (
            url.scheme().to_owned(),
            host,
            url.port(),
            url.path().to_owned(),
            fragment,
        )
    };
    assert_eq!(part(&after), part(&before), "{sent}");
    let outcome = [("session_id", session.as_str()), ("status", "success")];
    let own = before.query_pairs();
    let expected = own.chain(outcome.map(|(name, value)| (name.into(), value.into())));
    assert!(after.query_pairs().eq(expected), "{sent}");
}
