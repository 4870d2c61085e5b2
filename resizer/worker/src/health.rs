//! The command `health`: asks the worker on this machine whether it is alive, for containers whose
//! image has no other program that could.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use crate::settings;

/// How long each step of the question may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// 0 where the worker says that it is alive, 1 with the reason on standard error otherwise.
pub(crate) fn check() -> ExitCode {
    let answered = settings::status_address().and_then(|address| ask(reachable(address)));
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// A server that listens on all addresses is asked on the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(loopback, address.port())
}

fn ask(address: SocketAddr) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("no worker answers at {address}: {error}");
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).map_err(failed)?;
    stream.set_read_timeout(Some(TIMEOUT)).map_err(failed)?;
    stream.set_write_timeout(Some(TIMEOUT)).map_err(failed)?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").map_err(failed)?;
    let mut start = [0; 12];
    stream.read_exact(&mut start).map_err(failed)?;
    match &start[9..] {
        b"200" => Ok(()),
        status => Err(format!("the worker at {address} answers {}", status.escape_ascii())),
    }
}
