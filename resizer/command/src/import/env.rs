//! The text of a `.env` file in, its variables out.

use std::collections::BTreeMap;

/// Variables by name; the last line of a name counts.
///
/// # Errors
/// A sentence about a line that is none of such a file.
pub(crate) fn variables(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut variables = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name_and_value = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match name_and_value {
            Some((name, value)) if is_name(name) => {
                variables.insert(name.to_owned(), unquoted(value));
            }
            _ => return Err(format!("line {} is no NAME=value: {line:?}", index + 1)),
        }
    }
    Ok(variables)
}

/// Without the quotes around it, or the comment behind it.
fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inside, _)) =
            value.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote))
        {
            let inside =
                if quote == '"' { inside.replace("\\\"", "\"") } else { inside.to_owned() };
            return inside.trim().to_owned();
        }
    }
    value.split(" #").next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn lines_are_read_as_shells_read_them() {
        let text = "# a comment\n\nA=1\n export B = two words \nC='x # y' # z\n\
                    D=\"{\\\"q\\\": 1}\"\nE=v # why\nF=\nA=2\n";
        let found = variables(text).expect("variables");
        let expected = [
            ("A", "2"),
            ("B", "two words"),
            ("C", "x # y"),
            ("D", "{\"q\": 1}"),
            ("E", "v"),
            ("F", ""),
        ];
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(variables("A=1\nB\n"), Err("line 2 is no NAME=value: \"B\"".to_owned()));
    }
}
