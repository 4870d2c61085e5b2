//! Firebase's folders with wildcards in, patterns of keys out.

/// The pattern of all keys in such folders and below them. A wildcard there is any run of
/// characters, slashes among them, and a whole folder's name where it stands between slashes.
///
/// # Errors
/// A sentence about a path that no pattern can say.
pub(crate) fn pattern(path: &str) -> Result<String, String> {
    let trimmed = path.trim();
    if trimmed.contains(['{', '}', '?', '[', ']', '(', ')', '\\', '^', '$', '|', '+']) {
        return Err(format!("the path {path:?} has characters that patterns of keys cannot say"));
    }
    let mut pattern = String::new();
    let mut rest = trimmed.trim_matches('/');
    if rest.is_empty() {
        return Ok("*".to_owned());
    }
    while let Some((before, after)) = rest.split_once('*') {
        pattern.push_str(before);
        rest = after.trim_start_matches('*');
        // Behind the last wildcard every folder below is taken anyway.
        pattern.push_str(match rest.chars().next() {
            None => "*",
            Some('/') => "*/**",
            Some(_) => "**",
        });
    }
    Ok(format!("{pattern}{rest}/**"))
}

#[cfg(test)]
mod tests {
    use resizer::pattern::Pattern;

    use super::pattern;

    #[test]
    fn folders_are_those_that_the_extension_takes() {
        for (path, taken, others) in [
            ("/users", &["users/a.jpg", "users/x/y.jpg"][..], &["users.jpg", "usersx/a.jpg"][..]),
            ("/users/*/pics", &["users/a/pics/x", "users/a/b/pics/c/x"], &["users/pics/x"]),
            ("/users/pic*", &["users/pic/x", "users/pics/y/x"], &["users/picture.jpg"]),
            ("/a*b/c", &["ab/c/x", "a1/2b/c/x"], &["ab/x", "a/c/x"]),
            (" /a.b/ ", &["a.b/x"], &["axb/x"]),
            ("/*", &["a/x", "a/b/x"], &["x"]),
        ] {
            let glob = pattern(path).expect(path);
            let glob = Pattern::parse_glob(&glob).expect("a glob");
            let takes = |key: &&str| glob.iter().any(|one| one.matches(key));
            assert!(taken.iter().all(takes), "{path}: {glob:?}");
            assert!(!others.iter().any(takes), "{path}: {glob:?}");
        }
        assert_eq!(pattern("/").as_deref(), Ok("*"));
        pattern("/a{b").expect_err("braces");
    }
}
