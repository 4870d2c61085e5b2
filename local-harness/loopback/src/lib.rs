//! Detects requests that a browser sends for another site's page. A server that listens
//! only on loopback can still be reached by every page that a local browser shows.
//!
//! Source: Fetch Standard, "Origin" and "Sec-Fetch-Site". The `Host` header reveals DNS
//! rebinding: another site's name that points to this machine.

use http::header::{HOST, HeaderMap, ORIGIN};

/// Why a request with these headers must be refused; `None` for those of programs, and of pages
/// that this machine serves.
pub fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if text(HOST.as_str()).is_some_and(|host| !is_loopback(host)) {
        return Some("the Host header names no loopback address; use 127.0.0.1 or localhost");
    }
    let is_foreign = text(ORIGIN.as_str()).is_some_and(|origin| {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        !host.is_some_and(is_loopback)
    });
    if is_foreign || text("sec-fetch-site") == Some("cross-site") {
        return Some("pages of other web sites may not use this server");
    }
    None
}

/// `localhost:9000`, `bucket.localhost`, `127.0.0.1`, `[::1]:9000`
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_local_name = name == "localhost" || name.ends_with(".localhost");
    is_local_name || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::refusal;

    fn is_refused(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header");
            map.insert(HeaderName::from_static(name), value);
        }
        refusal(&map).is_some()
    }

    #[test]
    fn clients_and_pages_of_this_machine_are_served() {
        for host in ["127.0.0.1:9000", "127.0.0.53", "localhost", "uploads.localhost:1", "[::1]:9"]
        {
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
        assert!(is_refused(&[("host", "127.0.0.1"), ("origin", "null")]));
        assert!(is_refused(&[("host", "127.0.0.1"), ("sec-fetch-site", "cross-site")]));
    }
}
