//! User-space instructions, which are the same every time where CPU time is not.

use std::{
    env, fs,
    process::{Command, Stdio},
};

use super::{connection::Connection, message::Asked, process::Process};

/// Whether there is valgrind to count them.
pub(crate) fn can_be_counted() -> bool {
    let valgrind = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    valgrind.is_ok_and(|status| status.success())
}

/// What one request costs this server: so many more of them, divided by their number.
pub(crate) async fn per_request(server: &str, asked: &Asked, requests: usize) -> f64 {
    let few = total(server, asked, requests).await;
    let many = total(server, asked, 2 * requests).await;
    (many - few) / requests as f64
}

async fn total(server: &str, asked: &Asked, requests: usize) -> f64 {
    let report = env::temp_dir().join(format!("callgrind.{}", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", report.display()))
        .arg(env::current_exe().expect("a program"));
    let process = Process::start_by(valgrind, server);
    let mut connection = Connection::open(process.address(), asked).await;
    for _ in 0..requests {
        connection.ask().await;
    }
    drop(connection);
    // It writes its report when the server ends.
    process.finish();
    let text = fs::read_to_string(&report).expect("valgrind's report");
    let _ = fs::remove_file(&report);
    let total = text.lines().find_map(|line| line.strip_prefix("summary: "));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.expect("a total")
}
