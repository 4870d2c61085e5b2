//! Detects requests that a browser sends for another site's page. A server that listens
//! only on loopback can still be reached by every page that a local browser shows.
//!
//! Source: Fetch Standard, "Origin" and "Sec-Fetch-Site". The `Host` header reveals DNS
//! rebinding: another site's name that points to this machine.

use std::net::IpAddr;

use http::header::{HOST, HeaderMap, ORIGIN, REFERER};

/// Which requests a server takes besides those of programs and pages of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The address of this machine under which others reach the server; the unspecified address
    /// stands for all of them. Default none: loopback alone.
    pub host: Option<IpAddr>,
    /// Origins whose pages may use the server, such as `https://app.example.com`. Default none.
    pub origins: Vec<String>,
    /// Whether no page may use the server, not even those of this machine. Default false.
    pub programs_only: bool,
}

/// Why a request with these headers must be refused; `None` for those of programs, and of pages
/// that this machine serves.
pub fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    Access::default().refusal(headers)
}

impl Access {
    /// The same, with what this access allows.
    pub fn refusal(&self, headers: &HeaderMap) -> Option<&'static str> {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(HOST.as_str());
        if host.is_some_and(|host| !self.is_own(host)) {
            return Some("the Host header names no loopback address; use 127.0.0.1 or localhost");
        }
        let is_of_page = text(ORIGIN.as_str()).is_some()
            || text("sec-fetch-site").is_some_and(|site| site != "none");
        if self.programs_only && is_of_page {
            return Some("only programs may use this server, not pages in a browser");
        }
        // A page cannot choose the Referer of its requests, only leave it out.
        let from = text(ORIGIN.as_str()).or_else(|| origin_of(text(REFERER.as_str())?));
        if from.is_some_and(|from| self.origins.iter().any(|allowed| allowed == from)) {
            return None;
        }
        let is_foreign = text(ORIGIN.as_str()).is_some_and(|origin| {
            let from = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            !from.is_some_and(|from| is_loopback(from) || self.is_same_machine(from, host))
        });
        if is_foreign || text("sec-fetch-site") == Some("cross-site") {
            return Some("pages of other web sites may not use this server");
        }
        None
    }

    /// Whether a `Host` header names this machine.
    fn is_own(&self, host: &str) -> bool {
        let address = name_of(host).parse::<IpAddr>().ok();
        is_loopback(host)
            || match (self.host, address) {
                // No name of a site is an address, so rebinding cannot lead here.
                (Some(own), Some(address)) => own.is_unspecified() || own == address,
                _ => false,
            }
    }

    /// Whether the page of an origin comes from where the request goes.
    fn is_same_machine(&self, from: &str, host: Option<&str>) -> bool {
        let name = name_of(from);
        let is_same = host.is_some_and(|host| name_of(host) == name);
        self.host.is_some() && !name.is_empty() && is_same
    }
}

/// `http://localhost:3000` of `http://localhost:3000/page?query`
fn origin_of(url: &str) -> Option<&str> {
    let after_scheme = url.find("://")? + 3;
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    Some(&url[..end])
}

/// The name or address in `name:port`, `[::1]:port`; nothing for what has another form.
fn name_of(host: &str) -> &str {
    let (name, rest) = match host.strip_prefix('[') {
        Some(inner) => inner.split_once(']').unwrap_or_default(),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port = rest.strip_prefix(':').unwrap_or(rest);
    let is_port = rest.is_empty() || rest.starts_with(':');
    if is_port && port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { "" }
}

/// `localhost:9000`, `bucket.localhost`, `127.0.0.1`, `[::1]:9000`
fn is_loopback(host: &str) -> bool {
    let name = name_of(host);
    let name = name.to_ascii_lowercase();
    let is_local_name = name == "localhost" || name.ends_with(".localhost");
    is_local_name || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::Access;

    fn is_refused(headers: &[(&'static str, &str)]) -> bool {
        is_refused_by(&Access::default(), headers)
    }

    fn is_refused_by(access: &Access, headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header");
            map.insert(HeaderName::from_static(name), value);
        }
        access.refusal(&map).is_some()
    }

    #[test]
    fn clients_and_pages_of_this_machine_are_served() {
        let hosts = ["127.0.0.1:9000", "127.0.0.53", "LocalHost", "uploads.localhost:1", "[::1]:9"];
        for host in hosts {
            assert!(!is_refused(&[("host", host)]), "{host}");
            assert!(!is_refused(&[("host", host), ("origin", "http://localhost:3000")]), "{host}");
        }
        assert!(!is_refused(&[]), "HTTP/1.0");
        let page = [("host", "localhost:9000"), ("sec-fetch-site", "same-site")];
        assert!(!is_refused(&page));
    }

    #[test]
    fn pages_of_others_and_rebound_names_are_not() {
        for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com:80", "10.0.0.1"]
        {
            assert!(is_refused(&[("host", host)]), "{host}");
            let origin = format!("http://{host}");
            assert!(is_refused(&[("host", "127.0.0.1"), ("origin", &origin)]), "{host}");
        }
        for host in ["[::1].evil.com", "[127.0.0.1]x", "127.0.0.1:80.evil.com", "[::1", ":80"] {
            assert!(is_refused(&[("host", host)]), "{host}");
        }
        assert!(is_refused(&[("host", "127.0.0.1"), ("origin", "null")]));
        assert!(is_refused(&[("host", "127.0.0.1"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn an_allowed_origin_is_served_and_its_neighbors_are_not() {
        let origin = "https://app.example.com".to_owned();
        let access = Access { origins: vec![origin], ..Access::default() };
        let from = |name: &'static str, value: &'static str| {
            let host = ("host", "127.0.0.1:9000");
            is_refused_by(&access, &[host, (name, value), ("sec-fetch-site", "cross-site")])
        };
        assert!(!from("origin", "https://app.example.com"));
        assert!(!from("referer", "https://app.example.com/gallery?page=1"), "an <img>");
        for other in ["http://app.example.com", "https://app.example.com.evil.net", "null"] {
            assert!(from("origin", other), "{other}");
        }
        assert!(from("referer", "https://evil.net/https://app.example.com/"));
        let rebound = [("host", "evil.net"), ("origin", "https://app.example.com")];
        assert!(is_refused_by(&access, &rebound), "the Host header counts all the same");
    }

    #[test]
    fn a_server_for_programs_takes_no_page() {
        let access = Access { programs_only: true, ..Access::default() };
        let host = ("host", "127.0.0.1:9001");
        assert!(!is_refused_by(&access, &[host]));
        assert!(!is_refused_by(&access, &[host, ("sec-fetch-site", "none")]), "typed by a user");
        assert!(is_refused_by(&access, &[host, ("origin", "http://127.0.0.1:3000")]));
        assert!(is_refused_by(&access, &[host, ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn another_address_of_this_machine_is_served_where_it_is_listened_on() {
        let at = |host: &str| Access { host: host.parse().ok(), ..Access::default() };
        let (one, all) = (at("192.168.1.5"), at("0.0.0.0"));
        let host = ("host", "192.168.1.5:9000");
        for access in [&one, &all] {
            assert!(!is_refused_by(access, &[host]));
            assert!(!is_refused_by(access, &[host, ("origin", "http://192.168.1.5:9003")]));
            assert!(is_refused_by(access, &[host, ("origin", "http://10.0.0.9")]));
            assert!(is_refused_by(access, &[("host", "evil.net")]), "rebinding");
        }
        assert!(is_refused_by(&one, &[("host", "10.0.0.9")]));
    }
}
