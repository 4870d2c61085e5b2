//! Signed URLs from the command line are those that the function takes.

use crate::support::Bench;

const KEYS: (&str, &str) = (
    "RESIZER_SIGNING_KEYS",
    "k1:0123456789abcdef0123456789abcdef,k2:fedcba9876543210fedcba9876543210",
);

#[test]
fn a_url_is_signed_with_its_options() {
    let bench = Bench::new();
    let ended = bench.run_with(&[KEYS], &["sign", "a b.jpg", "w=640", "fit=inside"]);
    // As Python's hmac computes it.
    let url = "/signed/a%20b.jpg?fit=inside&kid=k1\
               &s=0e17a817edbd8f41e96838a41ec0c33762be3979298829a59a1e2650926995ac&w=640\n";
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), url), "{}", ended.stderr);
    let arguments = [
        "sign",
        "a.jpg",
        "--variant",
        "w640",
        "--key-id",
        "k2",
        "--expires-in",
        "60",
        "--base-url",
        "https://images.example.com/",
    ];
    let ended = bench.run_with(&[KEYS], &arguments);
    let begins = "https://images.example.com/w640/a.jpg?exp=";
    assert!(ended.stdout.starts_with(begins), "{}", ended.stdout);
    assert!(ended.stdout.contains("&kid=k2&s="), "{}", ended.stdout);
}

#[test]
fn a_url_that_would_be_refused_is_not_signed() {
    let bench = Bench::new();
    let url = ["sign", "a.jpg"];
    for (variables, arguments, says) in [
        (&[][..], &url[..], "RESIZER_SIGNING_KEYS is not set"),
        (&[(KEYS.0, "k:short")], &url, "has a secret of 5 characters"),
        (&[KEYS], &["sign", "a.jpg", "--key-id", "k3"], "no key of that id"),
        (&[KEYS], &["sign", "../a.jpg"], "cannot be requested"),
        (&[KEYS], &["sign", "a.jpg", "width=5"], "unknown here"),
        (&[KEYS], &["sign", "a.jpg", "w=0"], "`w` takes a whole number"),
        (&[KEYS], &["sign", "a.jpg", "exp=5"], "give --expires-in SECONDS instead of exp"),
        (&[KEYS], &["sign", "a.jpg", "w=5", "--variant", "w640"], "unknown here"),
    ] {
        let ended = bench.run_with(variables, arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains(says), "{arguments:?}: {}", ended.stderr);
    }
}
