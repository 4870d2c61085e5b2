//! Cross-origin requests of browsers: a bucket's rules and one request in, headers out.
//! Knows no HTTP connection and no storage.
//! Source: Amazon S3 User Guide, "Elements of a CORS configuration"; Fetch Standard, "CORS
//! protocol".

use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

const MAX_RULES: usize = 100;
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// One rule of a bucket's CORS configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CorsRule {
    pub(crate) id: Option<String>,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) allowed_methods: Vec<String>,
    pub(crate) allowed_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) max_age_s: Option<i32>,
}

/// What a browser says of a cross-origin request, or asks before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CorsRequest {
    pub(crate) origin: String,
    pub(crate) method: String,
    /// Names in lower case, of a preflight request.
    pub(crate) headers: Vec<String>,
}

/// The headers of an answer, by name.
pub(crate) type CorsHeaders = Vec<(&'static str, String)>;

/// Refuses what S3 refuses in a configuration.
///
/// Errors: `InvalidRequest`, `MalformedXML`.
pub(crate) fn check_rules(rules: &[CorsRule]) -> S3Result<()> {
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(s3_error!(MalformedXML, "A CORS configuration has 1 to 100 rules."));
    }
    for rule in rules {
        if rule.allowed_origins.is_empty() || rule.allowed_methods.is_empty() {
            let message = "A CORS rule needs an AllowedOrigin and an AllowedMethod.";
            return Err(s3_error!(MalformedXML, "{message}"));
        }
        if let Some(method) = rule.allowed_methods.iter().find(|one| !METHODS.contains(&&***one)) {
            return Err(s3_error!(
                InvalidRequest,
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            ));
        }
        let mut patterns = rule.allowed_origins.iter().chain(&rule.allowed_headers);
        if let Some(pattern) = patterns.find(|pattern| pattern.matches('*').count() > 1) {
            return Err(s3_error!(
                InvalidRequest,
                "\"{pattern}\" can not have more than one wildcard."
            ));
        }
    }
    Ok(())
}

/// The headers for the answer to a request; `None` where no rule allows it.
pub(crate) fn headers(rules: &[CorsRule], request: &CorsRequest) -> Option<CorsHeaders> {
    let rule = rules.iter().find(|rule| rule.allows(request))?;
    let is_for_all = rule.allowed_origins.iter().any(|origin| origin == "*");
    let origin = if is_for_all { "*".to_owned() } else { request.origin.clone() };
    let mut headers = vec![
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", rule.allowed_methods.join(", ")),
    ];
    if !is_for_all {
        headers.push(("access-control-allow-credentials", "true".to_owned()));
    }
    if !request.headers.is_empty() {
        headers.push(("access-control-allow-headers", request.headers.join(", ")));
    }
    if !rule.expose_headers.is_empty() {
        headers.push(("access-control-expose-headers", rule.expose_headers.join(", ")));
    }
    if let Some(seconds) = rule.max_age_s {
        headers.push(("access-control-max-age", seconds.to_string()));
    }
    let vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    headers.push(("vary", vary.to_owned()));
    Some(headers)
}

/// S3's answer to a preflight request that no rule allows.
pub(crate) fn refusal(rules: &[CorsRule]) -> S3Error {
    let message = if rules.is_empty() {
        "CORSResponse: CORS is not enabled for this bucket."
    } else {
        "CORSResponse: This CORS request is not allowed. This is usually because the evaluation \
         of Origin, request method / Access-Control-Request-Method or \
         Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
    };
    crate::errors::unnamed("AccessForbidden", hyper::StatusCode::FORBIDDEN, message)
}

impl CorsRule {
    fn allows(&self, request: &CorsRequest) -> bool {
        let is_allowed_header = |name: &String| {
            let mut allowed = self.allowed_headers.iter().map(|one| one.to_ascii_lowercase());
            allowed.any(|pattern| matches(&pattern, name))
        };
        self.allowed_origins.iter().any(|pattern| matches(pattern, &request.origin))
            && self.allowed_methods.contains(&request.method)
            && request.headers.iter().all(is_allowed_header)
    }
}

/// A pattern with at most one `*`, which stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CorsRequest, CorsRule, check_rules, headers, matches};

    fn rule(origins: &[&str], methods: &[&str], allowed: &[&str]) -> CorsRule {
        let owned = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect();
        CorsRule {
            id: None,
            allowed_origins: owned(origins),
            allowed_methods: owned(methods),
            allowed_headers: owned(allowed),
            expose_headers: vec!["ETag".to_owned()],
            max_age_s: Some(3000),
        }
    }

    fn request(origin: &str, method: &str, headers: &[&str]) -> CorsRequest {
        CorsRequest {
            origin: origin.to_owned(),
            method: method.to_owned(),
            headers: headers.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn the_first_rule_that_allows_all_of_a_request_answers_it() {
        let rules = [
            rule(&["http://localhost:3000"], &["PUT"], &["Content-Type", "x-amz-*"]),
            rule(&["*"], &["GET"], &[]),
        ];
        let origin = "http://localhost:3000";
        let put = headers(&rules, &request(origin, "PUT", &["content-type", "x-amz-date"]));
        let put = put.expect("allowed");
        assert!(put.contains(&("access-control-allow-origin", origin.to_owned())));
        assert!(put.contains(&("access-control-allow-headers", "content-type, x-amz-date".into())));
        assert!(put.contains(&("access-control-max-age", "3000".to_owned())));
        let get = headers(&rules, &request(origin, "GET", &[])).expect("allowed");
        assert!(get.contains(&("access-control-allow-origin", "*".to_owned())));
        assert!(!get.iter().any(|(name, _)| *name == "access-control-allow-credentials"));
        assert_eq!(headers(&rules, &request(origin, "PUT", &["authorization"])), None);
        assert_eq!(headers(&rules, &request(origin, "DELETE", &[])), None);
        assert_eq!(headers(&rules, &request("http://localhost:3001", "PUT", &[])), None);
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("https://*.example.com", "https://a.b.example.com"));
        assert!(!matches("https://*.example.com", "https://example.com"));
        assert!(!matches("ab*ba", "aba"), "the two ends may not overlap");
        assert!(matches("*", "null"));
    }

    #[test]
    fn configurations_that_s3_refuses_are_refused() {
        assert!(check_rules(&[]).is_err());
        assert!(check_rules(&[rule(&["*"], &["PATCH"], &[])]).is_err());
        assert!(check_rules(&[rule(&["http://*.a.*"], &["GET"], &[])]).is_err());
        assert!(check_rules(&[rule(&[], &["GET"], &[])]).is_err());
        assert!(check_rules(&vec![rule(&["*"], &["GET"], &[]); 101]).is_err());
        assert!(check_rules(&vec![rule(&["*"], &["GET"], &["*"]); 100]).is_ok());
    }
}
