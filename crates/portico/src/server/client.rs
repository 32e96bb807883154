//! Who sent a request.
//!
//! Guarantee: a client cannot choose its address. `X-Forwarded-For` counts only as far as trusted
//! proxies wrote it: read from its right end, the first address that is no trusted proxy's.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use portico_app::ClientAddr;

use crate::config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client behind `peer`.
pub fn address(headers: &HeaderMap, peer: IpAddr, trusted: &[Network]) -> ClientAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return ClientAddr(client);
    }
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    let hops = lines
        .iter()
        .rev()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    for hop in hops {
        // What cannot be read was not written by a proxy of ours; nothing left of it counts.
        let Some(hop) = read(hop.trim()) else { break };
        client = hop;
        if !is_trusted(client) {
            break;
        }
    }
    ClientAddr(client)
}

/// An address, as some proxies write it with a port or in brackets.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str]) -> String {
        let trusted = [
            "10.0.0.0/8".parse().expect("a network"),
            "::1".parse().expect("one"),
        ];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a header value"));
        }
        let peer = peer.parse().expect("an address");
        address(&headers, peer, &trusted).0.to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        let cases: [(&str, &[&str], &str); 10] = [
            ("203.0.113.1", &[], "203.0.113.1"),
            ("203.0.113.1", &["198.51.100.7"], "203.0.113.1"),
            ("10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", &["192.0.2.1, 198.51.100.7"], "198.51.100.7"),
            (
                "10.0.0.1",
                &["192.0.2.1", "198.51.100.7, 10.0.0.2"],
                "198.51.100.7",
            ),
            ("10.0.0.1", &["10.0.0.9, 10.0.0.2"], "10.0.0.9"),
            ("10.0.0.1", &["192.0.2.1, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("::1", &["[2001:db8::5]:443"], "2001:db8::5"),
            ("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7"),
        ];
        for (peer, lines, expected) in cases {
            assert_eq!(client(peer, lines), expected, "{peer} {lines:?}");
        }
    }
}
