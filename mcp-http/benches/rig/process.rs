//! A server that is a process of its own: this very program, started with `--serve`.

use std::{
    env, fs,
    future::Future,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use tokio::sync::oneshot;

use super::machine::{Side, run_on};

pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    address: SocketAddr,
}

impl Process {
    /// Starts what `serve` of this name serves.
    pub(crate) fn start(name: &str) -> Self {
        let program = env::current_exe().expect("a program");
        Self::start_by(Command::new(program), name)
    }

    /// The same by a command that ends with this program.
    pub(crate) fn start_by(mut command: Command, name: &str) -> Self {
        let mut child = command
            .args(["--serve", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        let address = line.trim().parse().expect("the server says its address");
        let stdin = child.stdin.take();
        Self {
            child,
            stdin,
            address,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// CPU time of all its threads. Exact while they sleep.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = format!("/proc/{}/task", self.child.id());
        let tasks = fs::read_dir(tasks).expect("Linux").map_while(Result::ok);
        let times = tasks.filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
        let nanos = times.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok());
        Duration::from_nanos(nanos.sum())
    }

    /// Resident memory in KiB.
    pub(crate) fn resident(&self) -> f64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(status).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let size = line.expect("a size").trim().trim_end_matches(" kB");
        size.parse().expect("a number")
    }

    /// Lets it end by itself, as it does when its standard input ends.
    pub(crate) fn finish(mut self) {
        self.stdin = None;
        self.child.wait().expect("it ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is such a server, on one thread: `serve` tells its address by [`tell`], and goes on until it is
/// told to stop.
pub(crate) fn host<F: Future<Output = ()>>(serve: impl FnOnce(oneshot::Receiver<()>) -> F) {
    run_on(Side::Server);
    let (stopped, stop) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(stopped);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(serve(stop));
}

/// Tells who started it where it listens.
pub(crate) fn tell(address: SocketAddr) {
    println!("{address}");
}
