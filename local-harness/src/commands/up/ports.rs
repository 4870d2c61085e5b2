//! The ports of `up`: tried before anything starts, so that one that is taken is named with its
//! option and another one is suggested.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use crate::commands::CommandError;

/// How far from a taken port a free one is looked for.
const LOOKED_AT: u16 = 100;

/// A port that an option asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The option.
    pub(super) option: &'static str,
    /// What will listen there.
    pub(super) what: &'static str,
    /// 0 for any.
    pub(super) port: u16,
}

/// Checks that all ports can be listened on.
///
/// # Errors
/// `Port` for the first one that cannot.
pub(super) fn check(host: IpAddr, wanted: &[Wanted]) -> Result<(), CommandError> {
    for (at, one) in wanted.iter().enumerate() {
        if one.port == 0 {
            continue;
        }
        let earlier = wanted[..at].iter().find(|other| other.port == one.port);
        let reason = match (earlier, try_port(host, one.port)) {
            (Some(other), _) => format!("{} asks for it too", other.option),
            (None, Ok(())) => continue,
            (None, Err(error)) => reason(host, &error),
        };
        let is_of_another = |port: &u16| wanted.iter().any(|other| other.port == *port);
        let mut next = one.port.saturating_add(1)..=one.port.saturating_add(LOOKED_AT);
        let free = next.find(|port| !is_of_another(port) && try_port(host, *port).is_ok());
        let Wanted { option, what, port } = *one;
        let suggested = free.unwrap_or(0);
        return Err(CommandError::Port { what, port, reason, option, suggested });
    }
    Ok(())
}

fn try_port(host: IpAddr, port: u16) -> io::Result<()> {
    TcpListener::bind(SocketAddr::from((host, port))).map(drop)
}

fn reason(host: IpAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not listen on it".to_owned(),
        io::ErrorKind::AddrNotAvailable => format!("{host} is no address of this machine"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::{Wanted, check};

    #[test]
    fn a_taken_port_is_named_with_its_option_and_another_one() {
        let host = Ipv4Addr::LOCALHOST.into();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = taken.local_addr().expect("its port").port();
        let of = |option, port| Wanted { option, what: "S3", port };
        let error = check(host, &[of("--port", 0), of("--url-port", port)]).expect_err("taken");
        let text = error.to_string();
        assert!(text.contains("--url-port") && text.contains(&port.to_string()), "{text}");
        drop(taken);
        check(host, &[of("--url-port", port)]).expect("free now");
        let twice = check(host, &[of("--port", port), of("--page-port", port)]);
        assert!(twice.expect_err("twice").to_string().contains("--port asks for it too"));
    }
}
