//! `agents keys`, beside a server that runs and without one.

use std::{fs, path::Path, process::Output};

use serde_json::json;
use tempfile::TempDir;

use super::{ATLAS, Agents, command, data_in, demo_keys, refusal};
use crate::{client::Answer, process::Example};

/// Does it, and says what came of it.
fn keys(data: &Path, arguments: &[&str]) -> Output {
    let mut command = command(data);
    command.arg("keys").args(arguments).output().unwrap()
}

/// What it answers when all is well.
fn answer(data: &Path, arguments: &[&str]) -> String {
    let output = keys(data, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes a key.
fn add(data: &Path, arguments: &[&str]) -> String {
    let answer = answer(data, &[&["add"], arguments].concat());
    answer.strip_suffix('\n').unwrap().to_owned()
}

/// What `list` says of each key, word by word.
fn listed(data: &Path) -> Vec<Vec<String>> {
    let answer = answer(data, &["list"]);
    let rows = answer.lines().skip(1);
    rows.map(|row| row.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[cfg(unix)]
fn socket(data: &Path) -> std::path::PathBuf {
    data.with_extension("redb.sock")
}

fn inbox(example: &Example, key: &str) -> Answer {
    let mut client = example.client().key(key).initialized();
    client.call("dm_inbox", json!({}))
}

fn status(example: &Example, key: &str) -> u16 {
    example.client().key(key).initialize().status
}

#[test]
fn a_key_that_is_made_while_the_server_runs_works_at_once() {
    let agents = Agents::start();
    let key = add(&data_in(&agents.folder), &["cipher"]);
    let inbox = inbox(&agents.example, &key).structured();
    assert_eq!(inbox["messages"][0]["from"], "forge");
    // The keys that were given are as good as ever.
    assert_eq!(status(&agents.example, ATLAS), 200);
}

#[test]
fn a_key_that_is_made_before_the_first_start_works() {
    let folder = TempDir::new().unwrap();
    let data = data_in(&folder);
    let key = add(&data, &["beacon"]);
    let example = Example::start(&mut command(&data));
    assert!(demo_keys(&example).is_empty(), "{}", example.page());
    assert!(
        example.page().contains("There is one key."),
        "{}",
        example.page()
    );
    inbox(&example, &key).structured();
}

#[test]
fn a_revoked_key_is_void_at_once_and_in_its_session() {
    let agents = Agents::start();
    let data = data_in(&agents.folder);
    let other = add(&data, &["beacon"]);
    let lost = add(&data, &["beacon", "--label", "lost"]);
    let mut client = agents.example.client().key(&lost).initialized();
    client.call("dm_inbox", json!({})).structured();
    let rows = listed(&data);
    let row = rows.iter().find(|row| row.contains(&"lost".to_owned()));
    let id = row.unwrap()[0].as_str();
    assert_eq!(answer(&data, &["revoke", id]), "");
    assert_eq!(client.call("dm_inbox", json!({})).status, 401);
    assert_eq!(status(&agents.example, &lost), 401);
    assert_eq!(status(&agents.example, &other), 200);
    assert_eq!(listed(&data).len(), 1);
    let agents = agents.restarted();
    assert_eq!(status(&agents.example, &lost), 401);
    assert_eq!(status(&agents.example, &other), 200);
}

#[test]
fn a_key_is_for_what_it_was_made_for_and_no_more() {
    let agents = Agents::start();
    let data = data_in(&agents.folder);
    let key = add(&data, &["beacon", "--scope", "messages:read"]);
    let mut client = agents.example.client().key(key).initialized();
    client.call("dm_inbox", json!({})).structured();
    client.call("platform_stats", json!({})).structured();
    let refused = client.call("dm_send", json!({ "to": "atlas", "content": "Hi" }));
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("insufficient_scope") && challenge.contains("messages:write"),
        "{challenge}"
    );
}

#[test]
fn a_scope_that_is_none_is_told_with_those_that_are() {
    let folder = TempDir::new().unwrap();
    let output = keys(&data_in(&folder), &["add", "atlas", "--scope", "messages"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("messages:read") && text.contains("messages:write"),
        "{text}"
    );
}

#[test]
fn the_first_key_voids_the_demo_keys_at_once_and_for_good() {
    let folder = TempDir::new().unwrap();
    let data = data_in(&folder);
    let example = Example::start(&mut command(&data));
    let demo = demo_keys(&example);
    assert_eq!(status(&example, &demo[0].1), 200);
    add(&data, &["cipher"]);
    let still = |example: &Example| demo.iter().any(|(_, key)| status(example, key) == 200);
    assert!(!still(&example));
    let id = listed(&data).remove(0).remove(0);
    answer(&data, &["revoke", &id]);
    assert!(!still(&example));
    drop(example);
    // Nobody has a key again, so there are new ones.
    let example = Example::start(&mut command(&data));
    assert_eq!(demo_keys(&example).len(), 2);
    assert!(!still(&example));
}

#[test]
fn keys_are_listed_with_all_that_is_known_of_them() {
    let folder = TempDir::new().unwrap();
    let data = data_in(&folder);
    assert_eq!(answer(&data, &["list"]), "");
    add(&data, &["atlas", "--label", "laptop"]);
    add(&data, &["beacon", "--scope", "messages:read"]);
    let mut rows = listed(&data);
    rows.sort_by(|a, b| a[1].cmp(&b[1]));
    let known: Vec<_> = rows.iter().map(|row| row[1..].join(" ")).collect();
    assert_eq!(
        known,
        [
            "atlas messages:read messages:write just now laptop",
            "beacon messages:read just now",
        ]
    );
}

#[test]
fn no_key_is_in_the_data_file_or_told_twice() {
    let agents = Agents::start();
    let data = data_in(&agents.folder);
    let key = add(&data, &["atlas", "--label", "in the file"]);
    assert!(!answer(&data, &["list"]).contains(&key));
    let bytes = fs::read(&data).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("in the file") && !holds(&key));
}

#[test]
fn what_is_not_there_is_told_in_one_line() {
    let agents = Agents::start();
    let mut command = command(&data_in(&agents.folder));
    let text = refusal(command.args(["keys", "add", "atlass"]));
    assert!(
        text.contains("no agent `atlass`; did you mean `atlas`?"),
        "{text}"
    );
    let mut command = super::command(&data_in(&agents.folder));
    let text = refusal(command.args(["keys", "revoke", "12345678"]));
    assert!(
        text.contains("no key `12345678`") && text.contains("keys list"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_server_that_takes_no_orders_is_told_with_what_to_do() {
    let agents = Agents::start();
    let data = data_in(&agents.folder);
    fs::remove_file(socket(&data)).unwrap();
    let text = refusal(command(&data).args(["keys", "list"]));
    assert!(
        text.contains("agents.redb.sock") && text.contains("stop it first"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_socket_takes_nothing_but_orders_and_goes_on() {
    use std::{
        io::{Read as _, Write as _},
        os::unix::net::UnixStream,
    };

    let agents = Agents::start();
    let data = data_in(&agents.folder);
    let mut stream = UnixStream::connect(socket(&data)).unwrap();
    stream.write_all(b"{\"jsonrpc\":\"2.0\"}\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.is_empty());
    drop(UnixStream::connect(socket(&data)).unwrap());
    add(&data, &["atlas"]);
}
