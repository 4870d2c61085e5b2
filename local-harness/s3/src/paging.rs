//! Pages of keys: prefix, delimiter, start and size. Pure: an ordered iterator in, a page out.

/// What a page is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageQuery<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    /// Only keys after this one, and no common prefix that this one lies in.
    pub(crate) after: Option<&'a str>,
    pub(crate) max_items: usize,
}

/// One page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<V> {
    pub(crate) entries: Vec<V>,
    pub(crate) common_prefixes: Vec<String>,
    /// The last key or common prefix of this page, if there is more to come after it.
    pub(crate) next_after: Option<String>,
}

/// Fills one page. `ordered` yields keys in the order of their bytes; keys before the start of
/// the page are allowed and skipped.
pub(crate) fn page<'k, V>(
    ordered: impl Iterator<Item = (&'k str, V)>,
    query: PageQuery<'_>,
) -> Page<V> {
    let mut page = Page { entries: Vec::new(), common_prefixes: Vec::new(), next_after: None };
    if query.max_items == 0 {
        return page;
    }
    let after = query.after.unwrap_or_default();
    let delimiter = query.delimiter.filter(|delimiter| !delimiter.is_empty());
    let mut last: Option<&str> = None;
    for (key, value) in ordered {
        if !key.starts_with(query.prefix) {
            if key > query.prefix {
                break;
            }
            continue;
        }
        if query.after.is_some_and(|after| key < after) {
            continue;
        }
        let common = delimiter.and_then(|delimiter| common_prefix(key, query.prefix, delimiter));
        if common.is_some_and(|common| after.starts_with(common) || last == Some(common)) {
            continue;
        }
        if page.entries.len() + page.common_prefixes.len() == query.max_items {
            page.next_after = last.map(str::to_owned);
            break;
        }
        match common {
            Some(common) => page.common_prefixes.push(common.to_owned()),
            None => page.entries.push(value),
        }
        last = Some(common.unwrap_or(key));
    }
    page
}

fn common_prefix<'k>(key: &'k str, prefix: &str, delimiter: &str) -> Option<&'k str> {
    let rest = &key[prefix.len()..];
    let end = rest.find(delimiter)? + delimiter.len();
    Some(&key[..prefix.len() + end])
}

#[cfg(test)]
mod tests {
    use super::{Page, PageQuery, page};

    const KEYS: [&str; 9] = ["a", "b/1", "b/2", "b/c/3", "b0", "c//d", "c/d", "é/x", "日本"];

    fn list(
        prefix: &str,
        delimiter: Option<&str>,
        after: Option<&str>,
        max: usize,
    ) -> Page<String> {
        let query = PageQuery { prefix, delimiter, after, max_items: max };
        let after = after.unwrap_or_default();
        let keys = KEYS.into_iter().filter(|key| *key > after);
        page(keys.map(|key| (key, key.to_owned())), query)
    }

    #[test]
    fn folds_at_the_delimiter() {
        let top = list("", Some("/"), None, 1000);
        assert_eq!(top.entries, ["a", "b0", "日本"]);
        assert_eq!(top.common_prefixes, ["b/", "c/", "é/"]);
        assert_eq!(top.next_after, None);
        assert_eq!(list("c/", Some("/"), None, 9).common_prefixes, ["c//"]);
        assert_eq!(list("b/", Some("/"), None, 9).entries, ["b/1", "b/2"]);
        assert_eq!(list("b", None, None, 9).entries, ["b/1", "b/2", "b/c/3", "b0"]);
    }

    #[test]
    fn every_page_size_gives_the_same_listing() {
        for delimiter in [None, Some("/"), Some("//"), Some("b")] {
            let whole = list("", delimiter, None, 1000);
            for max in 1..8 {
                let (mut entries, mut prefixes, mut after) = (Vec::new(), Vec::new(), None);
                loop {
                    let next = list("", delimiter, after.as_deref(), max);
                    assert!(next.entries.len() + next.common_prefixes.len() <= max);
                    entries.extend(next.entries);
                    prefixes.extend(next.common_prefixes);
                    after = next.next_after;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(
                    (entries, prefixes),
                    (whole.entries.clone(), whole.common_prefixes.clone())
                );
            }
        }
    }

    #[test]
    fn an_empty_page_is_not_truncated() {
        assert_eq!(list("", None, None, 0).next_after, None);
        assert_eq!(list("nothing", None, None, 5).entries, Vec::<String>::new());
    }
}
