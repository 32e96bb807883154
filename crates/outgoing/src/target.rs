//! A URL that may be called, taken apart once.

use std::net::IpAddr;

use http::{HeaderValue, Uri};
use url::{Host, Url};

use crate::{AddressPolicy, CallError};

/// The longest URL, in bytes.
const MAX_URL: usize = 2_048;

/// Why a URL cannot be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UrlError {
    #[error("must be an absolute URL of at most 2048 characters")]
    Malformed,
    #[error("must be https")]
    NotHttps,
    #[error("must not hold a user name or password")]
    UserInfo,
    #[error("must not have a fragment")]
    Fragment,
    #[error("must not name an address that is not public")]
    NotPublic,
}

/// Where a call goes.
#[derive(Debug, Clone)]
pub struct Target {
    pub(crate) is_https: bool,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    /// Path and query, as they stand in the request line.
    pub(crate) path: Uri,
    /// The `Host` header.
    pub(crate) authority: HeaderValue,
}

impl Target {
    /// Takes a URL apart. What can be known about its address without asking anybody is checked
    /// here; a name's addresses are checked at every connection.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, policy: &AddressPolicy) -> Result<Self, UrlError> {
        if text.len() > MAX_URL || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(UrlError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| UrlError::Malformed)?;
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(UrlError::NotHttps),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        let host = url.host().ok_or(UrlError::Malformed)?.to_owned();
        check_host(&host, is_https, policy)?;
        let port = url.port_or_known_default().ok_or(UrlError::Malformed)?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Ok(Self {
            is_https,
            host,
            port,
            path: path.parse().map_err(|_| UrlError::Malformed)?,
            authority: authority.try_into().map_err(|_| UrlError::Malformed)?,
        })
    }

    /// `path`, with its query, below the target's own path.
    pub(crate) fn below(&self, path: &str) -> Result<Uri, CallError> {
        let own = self.path.path().trim_end_matches('/');
        let path = path.trim_start_matches('/');
        let uri = format!("{own}/{path}").parse();
        uri.map_err(|_| CallError::Malformed)
    }
}

fn check_host(host: &Host<String>, is_https: bool, policy: &AddressPolicy) -> Result<(), UrlError> {
    let address: Option<IpAddr> = match host {
        Host::Ipv4(v4) => Some((*v4).into()),
        Host::Ipv6(v6) => Some((*v6).into()),
        // RFC 6761: this name is this machine, whatever a resolver says.
        Host::Domain(name) if is_localhost(name) => Some(IpAddr::from([127, 0, 0, 1])),
        Host::Domain(_) => None,
    };
    match address {
        Some(address) if !policy.permits(address) => Err(UrlError::NotPublic),
        Some(address) if !is_https && !policy.permits_plain(address) => Err(UrlError::NotHttps),
        None if !is_https => Err(UrlError::NotHttps),
        _ => Ok(()),
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(url: &str) -> Result<Target, UrlError> {
        Target::parse(url, &AddressPolicy::default())
    }

    #[test]
    fn a_url_is_taken_apart() {
        let target = strict("https://hooks.example:8443/in?a=%20b&c").expect("a good URL");
        assert_eq!(target.authority, "hooks.example:8443");
        assert_eq!(target.path, "/in?a=%20b&c");
        assert_eq!((target.port, target.is_https), (8_443, true));
        let target = strict("https://HOOKS.example").expect("a good URL");
        assert_eq!(target.authority, "hooks.example");
        assert_eq!(target.port, 443);
        assert_eq!(target.path, "/");
    }

    #[test]
    fn what_is_called_stands_below_the_targets_own_path() {
        for base in ["https://api.example/v2", "https://api.example/v2/"] {
            let target = strict(base).expect("a good URL");
            assert_eq!(
                target.below("/orders?a=b").expect("a path"),
                "/v2/orders?a=b"
            );
            assert_eq!(target.below("a b"), Err(CallError::Malformed));
        }
        let root = strict("https://api.example").expect("a good URL");
        assert_eq!(root.below("orders").expect("a path"), "/orders");
    }

    #[test]
    fn addresses_are_known_in_every_disguise() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/",
            "https://a.localhost./",
            "https://\u{ff11}27.0.0.1/",
            "https://127\u{3002}0.0.1/",
        ] {
            assert_eq!(strict(url).err(), Some(UrlError::NotPublic), "{url}");
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for (url, why) in [
            ("", UrlError::Malformed),
            ("hooks.example/in", UrlError::Malformed),
            ("https://", UrlError::Malformed),
            ("https://a b.example/", UrlError::Malformed),
            ("https://hooks.example/\n", UrlError::Malformed),
            ("http://hooks.example/", UrlError::NotHttps),
            ("ftp://hooks.example/", UrlError::NotHttps),
            ("file:///etc/passwd", UrlError::NotHttps),
            ("https://jo@hooks.example/", UrlError::UserInfo),
            ("https://:pw@hooks.example/", UrlError::UserInfo),
            ("https://hooks.example/#x", UrlError::Fragment),
        ] {
            assert_eq!(strict(url).err(), Some(why), "{url}");
        }
        let long = format!("https://hooks.example/{}", "x".repeat(2_048));
        assert_eq!(strict(&long).err(), Some(UrlError::Malformed));
    }

    #[test]
    fn this_machine_may_be_called_in_development() {
        let policy = AddressPolicy::with_loopback();
        for url in [
            "http://127.0.0.1:4000/in",
            "http://localhost:4000/",
            "https://[::1]:4000/",
        ] {
            assert!(Target::parse(url, &policy).is_ok(), "{url}");
        }
        let away = Target::parse("http://hooks.example/", &policy);
        assert_eq!(away.err(), Some(UrlError::NotHttps));
    }
}
