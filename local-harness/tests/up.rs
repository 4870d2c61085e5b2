//! `local-harness up` as a user and a browser meet it: options, messages, the page and its feed.

#[path = "up/browsers.rs"]
mod browsers;
#[path = "up/http.rs"]
mod http;
#[path = "up/kept.rs"]
mod kept;
#[path = "up/messages.rs"]
mod messages;
#[path = "up/output.rs"]
mod output;
#[path = "up/page.rs"]
mod page;
#[path = "up/process.rs"]
mod process;
#[path = "up/reload.rs"]
mod reload;
#[path = "function/support.rs"]
#[expect(dead_code, reason = "the function's own tests need all of it")]
mod support;
#[path = "../lambda/tests/lambda/wire.rs"]
#[expect(dead_code, reason = "the tests of the Runtime API need all of it")]
mod wire;
