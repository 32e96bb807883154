//! Which addresses may be called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Network;

/// Public addresses, and what the operator listed beside them.
#[derive(Debug, Clone, Default)]
pub struct AddressPolicy {
    allowed: Vec<Network>,
}

impl AddressPolicy {
    /// Public addresses and `allowed`.
    pub fn new(allowed: Vec<Network>) -> Self {
        Self { allowed }
    }

    /// Public addresses and this machine itself: for development.
    pub fn with_loopback() -> Self {
        let own = ["127.0.0.0/8", "::1/128"];
        let own = own.map(|text| text.parse().expect("a well-formed network"));
        Self::new(own.to_vec())
    }

    /// Every address, without TLS those of this machine only: for a command whose user names the
    /// URL and runs it where they may call it anyway.
    pub fn anywhere() -> Self {
        let all = ["0.0.0.0/0", "::/0"];
        Self::new(
            all.map(|text| text.parse().expect("a well-formed network"))
                .to_vec(),
        )
    }

    /// Whether `address` may be called. A form of IPv6 that carries an IPv4 address counts as what
    /// it carries.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = carried(address);
        self.is_listed(address) || is_public(address)
    }

    /// Whether `address` may be called without TLS: on this machine only, and only if listed.
    pub fn permits_plain(&self, address: IpAddr) -> bool {
        let address = carried(address);
        address.is_loopback() && self.is_listed(address)
    }

    fn is_listed(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(address))
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291), NAT64 (RFC 6052), 6to4
/// (RFC 3056).
fn carried(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        IpAddr::V4(Ipv4Addr::from_bits(
            (u32::from(high) << 16) | u32::from(low),
        ))
    };
    match (a, b) {
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => v4(g, h),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => v4(g, h),
        (0x2002, _) => v4(b, c),
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// Not in the IANA registry of special-purpose IPv4 addresses, nor multicast or reserved.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // "This network", shared address space (carrier-grade NAT), reserved and broadcast.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || a >= 240
        // Protocol assignments, 6to4 relays, benchmarks.
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

/// Global unicast (2000::/3) but for the registry's special blocks in it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_unicast = (a & 0xe000) == 0x2000;
    // IETF assignments with Teredo and ORCHID (2001::/23), documentation (2001:db8::/32, 3fff::/20).
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || (a == 0x3fff && b < 0x1000);
    is_unicast && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn public_addresses_may_be_called() {
        let policy = AddressPolicy::default();
        for address in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(policy.permits(ip(address)), "{address}");
            assert!(!policy.permits_plain(ip(address)), "{address}");
        }
    }

    #[test]
    fn whatever_is_not_public_is_refused() {
        let policy = AddressPolicy::default();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "64:ff9b:1::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
        ] {
            assert!(!policy.permits(ip(address)), "{address}");
        }
    }

    #[test]
    fn the_operator_can_list_what_is_not_public() {
        let listed = "10.1.0.0/16".parse().expect("a network");
        let policy = AddressPolicy::new(vec![listed]);
        assert!(policy.permits(ip("10.1.2.3")));
        assert!(policy.permits(ip("::ffff:10.1.2.3")));
        assert!(!policy.permits(ip("10.2.2.3")));
        assert!(!policy.permits_plain(ip("10.1.2.3")), "TLS all the same");
        let policy = AddressPolicy::with_loopback();
        assert!(policy.permits_plain(ip("127.0.0.1")) && policy.permits_plain(ip("::1")));
        assert!(!policy.permits(ip("192.168.0.1")));
        let policy = AddressPolicy::anywhere();
        assert!(policy.permits(ip("192.168.0.1")) && policy.permits(ip("fd00::1")));
        assert!(policy.permits_plain(ip("127.0.0.1")) && policy.permits_plain(ip("::1")));
        assert!(!policy.permits_plain(ip("192.168.0.1")), "TLS all the same");
    }
}
