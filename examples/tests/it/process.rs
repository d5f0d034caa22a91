//! An example as a process of its own.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::client::Client;

/// Longer than any start takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What an example prints once it has its address, which follows.
const READY: &str = "listening on ";

/// An example that serves; killed, without a chance to tidy up, when it is dropped.
pub(crate) struct Example {
    child: Child,
    url: String,
    page: String,
}

impl Example {
    /// Starts it, and waits until it says where it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let stdout = child.stdout.take().expect("a pipe");
        let (told, tells) = mpsc::channel();
        // A thread reads on after that: who writes into a full pipe stands still.
        thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.for_each(|line| drop(told.send(line)));
        });
        let mut example = Self {
            child,
            url: String::new(),
            page: String::new(),
        };
        loop {
            let Ok(line) = tells.recv_timeout(PATIENCE) else {
                panic!("it never listened; it said: {:?}", example.page);
            };
            if let Some(rest) = line.strip_prefix(READY) {
                rest.split(' ')
                    .next()
                    .unwrap_or_default()
                    .clone_into(&mut example.url);
                return example;
            }
            example.page.push_str(&line);
            example.page.push('\n');
        }
    }

    /// Where it serves MCP.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it printed before it listened.
    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    /// A client that has no session yet.
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
