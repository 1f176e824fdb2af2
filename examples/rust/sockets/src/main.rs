//! A server that answers each line in capitals, and its client, using only the standard library's
//! sockets.
//!
//! Usage: sockets serve ADDRESS:PORT [CONNECTIONS]   (default: serves without end)
//!        sockets ask HOST:PORT LINE…

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;

const USAGE: &str =
    "usage: sockets serve ADDRESS:PORT [CONNECTIONS] | sockets ask HOST:PORT LINE...";

/// Serves one connection until the client has sent everything; returns how many lines that were.
fn serve_connection(stream: TcpStream) -> io::Result<usize> {
    let mut replies = stream.try_clone()?;
    let mut lines = 0;
    for line in BufReader::new(stream).lines() {
        writeln!(replies, "{}", line?.to_uppercase())?;
        lines += 1;
    }
    replies.shutdown(Shutdown::Write)?;
    Ok(lines)
}

fn serve(address: &str, connections: usize) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("listening on port {}", listener.local_addr()?.port());
    for _ in 0..connections {
        let (stream, _) = listener.accept()?;
        match serve_connection(stream) {
            Ok(lines) => println!("answered {lines} lines"),
            Err(error) => println!("lost a client: {error}"),
        }
    }
    Ok(())
}

fn ask(address: &str, lines: &[String]) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    let mut replies = BufReader::new(stream.try_clone()?);
    for line in lines {
        writeln!(stream, "{line}")?;
        let mut reply = String::new();
        if replies.read_line(&mut reply)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        print!("{reply}");
    }
    stream.shutdown(Shutdown::Write)?;
    let rest = replies.lines().count();
    println!("the server closed after {rest} more lines");
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", address] => serve(address, usize::MAX),
        ["serve", address, connections] => match connections.parse() {
            Ok(count) => serve(address, count),
            Err(_) => {
                eprintln!("sockets: '{connections}' is not a number of connections\n{USAGE}");
                return ExitCode::from(2);
            }
        },
        ["ask", address, ..] => ask(address, &arguments[2..]),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sockets: {error}");
            ExitCode::FAILURE
        }
    }
}
