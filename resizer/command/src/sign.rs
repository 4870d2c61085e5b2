//! `resizer sign`: a key and options in, the signed URL out. The secret comes from the environment,
//! as the function's does.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use resizer::config::Settings;
use resizer::endpoint::Bounds;
use resizer::endpoint::options::{OPTION_PARAMETERS, Options, SIGNED_SEGMENT, VARIANT_PARAMETERS};
use resizer::endpoint::path::Path;
use resizer::endpoint::query::{self, Query};
use resizer::endpoint::signature::SigningKeys;
use resizer::percent::encoded;

use crate::Misuse;
use crate::command_line::SignArguments;
use crate::output::print;

/// The parameters that the command writes itself.
const OWN: [&str; 3] = ["exp", "kid", "s"];

pub(crate) fn run(arguments: &SignArguments) -> Result<ExitCode, Misuse> {
    let keys = Settings::from_env().signing_keys.ok_or_else(|| {
        Misuse(
            "RESIZER_SIGNING_KEYS is not set; set it to `id:secret`, as the function has it".into(),
        )
    })?;
    let keys = SigningKeys::parse(&keys.0).map_err(|error| Misuse(error.to_string()))?;
    let key = keys
        .find(arguments.key_id.as_deref())
        .ok_or_else(|| Misuse("RESIZER_SIGNING_KEYS has no key of that id".to_owned()))?;
    let first = arguments.variant.as_deref().unwrap_or(SIGNED_SEGMENT);
    let path = format!("{first}/{}", arguments.key);
    Path::parse(&format!("/{}", encoded(&path)))
        .map_err(|error| Misuse(format!("{:?} cannot be requested: {error}", arguments.key)))?;
    if arguments.options.iter().any(|option| option.starts_with("exp=")) {
        return Err(Misuse("give --expires-in SECONDS instead of exp".to_owned()));
    }
    let mut options = arguments.options.clone();
    options.sort_unstable();
    let text = options.join("&");
    let mut parameters = parameters(&text, arguments.variant.is_some())?;
    let expiry = arguments.expires_in.map(|seconds| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.as_secs().saturating_add(seconds).to_string()
    });
    if let Some(expiry) = &expiry {
        parameters.insert("exp", expiry);
    }
    let base = arguments.base_url.as_deref().unwrap_or_default().trim_end_matches('/');
    print(&format!("{base}{}\n", key.url(&path, &parameters)));
    Ok(ExitCode::SUCCESS)
}

/// The options, as far as they can be checked without a configuration.
fn parameters(text: &str, is_variant: bool) -> Result<Query<'_>, Misuse> {
    let all: &[&'static str] = if is_variant { &VARIANT_PARAMETERS } else { &OPTION_PARAMETERS };
    let known: Vec<&'static str> = all.iter().copied().filter(|name| !OWN.contains(name)).collect();
    let query = query::parse(text, &known).map_err(|error| Misuse(error.to_string()))?;
    if !is_variant {
        Options::parse(&query, &Bounds::of_the_engine())
            .map_err(|error| Misuse(error.to_string()))?;
    }
    Ok(query)
}
