//! A request's path and query in, what they name out: a variant of a rule, by name or by the key
//! under which it is stored, or an upload with free options. Everything here is decided before S3
//! is asked for anything.

use std::time::{SystemTime, UNIX_EPOCH};

use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};

use super::accept::Accept;
use super::options::{OPTION_PARAMETERS, Options, SIGNED_SEGMENT, VARIANT_PARAMETERS};
use super::path::Path;
use super::problem::Problem;
use super::query::{self, Query};
use super::{Access, Exchange};
use crate::event::ObjectRef;
use crate::rules::{MAX_KEY_BYTES, Rule, Targets};

/// What a request names.
pub(super) enum Route<'a> {
    Named(Named<'a>),
    Free(Free),
}

/// A variant of a rule.
pub(super) struct Named<'a> {
    pub(super) object: ObjectRef,
    pub(super) rule: &'a Rule,
    pub(super) targets: Targets,
    /// Where it may lie, the best place for the client first.
    pub(super) candidates: Vec<(String, OutputFormat)>,
    /// Whether the client's `Accept` decides among them.
    pub(super) varies: bool,
    /// Seconds until the URL expires, where it does.
    pub(super) expires_in_s: Option<u64>,
}

/// An upload with free options.
pub(super) struct Free {
    pub(super) object: ObjectRef,
    pub(super) options: Options,
    pub(super) expires_in_s: Option<u64>,
}

impl<'a> Exchange<'a> {
    /// What the request names, if it may ask for it.
    pub(super) fn route(&self) -> Result<Route<'a>, Problem> {
        let path = Path::parse(&self.request.path)?;
        if let Some((SIGNED_SEGMENT, key)) = path.split() {
            let query = query::parse(&self.request.query, &OPTION_PARAMETERS)?;
            let expires_in_s = self.check_signature(&path, &query)?;
            let options = Options::parse(&query, &self.endpoint.bounds)?;
            let object = self.upload(key).ok_or(Problem::NoPicture)?;
            return Ok(Route::Free(Free { object, options, expires_in_s }));
        }
        let expires_in_s = match self.endpoint.named {
            Access::Public => {
                query::check_version(&query::parse(&self.request.query, &["v"])?)?;
                None
            }
            Access::Signed => {
                let query = query::parse(&self.request.query, &VARIANT_PARAMETERS)?;
                query::check_version(&query)?;
                self.check_signature(&path, &query)?
            }
        };
        let by_key = || self.by_stored_key(path.text());
        let found = by_key().or_else(|| self.by_name(&path)).ok_or(Problem::NoPicture)?;
        if found.targets.longest_key_bytes() > MAX_KEY_BYTES {
            return Err(Problem::NoPicture);
        }
        let named = Named { expires_in_s, ..found };
        if named.candidates.is_empty() {
            return Err(Problem::NotAcceptable);
        }
        Ok(Route::Named(named))
    }

    /// An upload that may be served, and cannot be anything that the function wrote.
    fn upload(&self, key: &str) -> Option<ObjectRef> {
        let object = ObjectRef { bucket: self.endpoint.bucket.clone(), key: key.to_owned() };
        if key.len() > MAX_KEY_BYTES {
            return None;
        }
        let is_own = !self.app.config().may_be_upload(&object);
        (key.starts_with(&self.endpoint.prefix) && !is_own).then_some(object)
    }

    /// Seconds until the URL expires, where it does and its signature is good.
    fn check_signature(&self, path: &Path, query: &Query<'_>) -> Result<Option<u64>, Problem> {
        let mut signed = query.clone();
        let signature = signed.remove("s").ok_or(Problem::Signature)?;
        let id = query.get("kid").ok_or(Problem::Signature)?;
        let key = self.endpoint.keys.find(Some(id)).ok_or(Problem::Signature)?;
        if !key.is_signature(path.text(), &signed, signature) {
            return Err(Problem::Signature);
        }
        let Some(expiry) = query.get("exp") else { return Ok(None) };
        // The signature is good, so the signer wrote it. What is no number, or not in its one
        // spelling, counts as expired.
        let is_plain = !expiry.starts_with('0');
        let expiry = expiry.parse::<u64>().ok().filter(|_| is_plain).unwrap_or(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        match expiry.saturating_sub(now) {
            0 => Err(Problem::Expired),
            left => Ok(Some(left)),
        }
    }

    /// `w640/photos/lake.jpg`
    fn by_name(&self, path: &Path) -> Option<Named<'a>> {
        let (variant, key) = path.split()?;
        let object = self.upload(key)?;
        let rule = self.app.config().rule_for(&object).ok()?;
        let spec = rule.request.variants.iter().find(|spec| spec.name == variant)?;
        let targets = rule.targets(&object);
        let (formats, varies) = self.formats(rule, spec, key);
        let place = |format: OutputFormat| (targets.key_of(variant, format).to_owned(), format);
        let candidates = formats.into_iter().map(place).collect();
        Some(Named { object, rule, targets, candidates, varies, expires_in_s: None })
    }

    /// `variants/photos/lake.jpg/w640.jpg`, where the key of the upload can be told from that.
    fn by_stored_key(&self, key: &str) -> Option<Named<'a>> {
        let config = self.app.config();
        config.rules.iter().find_map(|rule| {
            let source = rule.key_templates().iter().find_map(|template| {
                let object = self.upload(template.source_key(key)?)?;
                let found = config.rule_for(&object).ok()?;
                std::ptr::eq(found, rule).then_some(object)
            });
            let object = source?;
            let targets = rule.targets(&object);
            let target = targets.variants.iter().find(|target| target.key == key)?;
            let candidates = vec![(target.key.clone(), target.format)];
            Some(Named { object, rule, targets, candidates, varies: false, expires_in_s: None })
        })
    }

    /// The formats in which the variant may be there, the best one for the client first; and
    /// whether the client has a choice at all. A client that has none gets what there is.
    fn formats(&self, rule: &Rule, spec: &VariantSpec, key: &str) -> (Vec<OutputFormat>, bool) {
        // What the upload's own format becomes, if its key says what it is, comes first.
        let mut of_source = FormatSpec::Source.possible(rule.request.animation);
        of_source.sort_by_key(|format| !format.is_named_by(key));
        let mut asked: Vec<Vec<OutputFormat>> = Vec::new();
        for format in &spec.formats {
            let formats = match format {
                FormatSpec::Fixed(format) => vec![*format],
                FormatSpec::Auto => FormatSpec::AUTO.to_vec(),
                FormatSpec::Source => of_source.clone(),
            };
            if !asked.contains(&formats) {
                asked.push(formats);
            }
        }
        if let [only] = &asked[..] {
            return (only.clone(), false);
        }
        let accept = Accept::parse(self.request.header("accept").as_deref());
        let firsts: Vec<OutputFormat> = asked.iter().map(|formats| formats[0]).collect();
        let mut ordered = Vec::new();
        for first in accept.order(&firsts) {
            let group = asked.iter().filter(|formats| formats[0] == first).flatten();
            for format in group {
                if !ordered.contains(format) {
                    ordered.push(*format);
                }
            }
        }
        (ordered, true)
    }
}
