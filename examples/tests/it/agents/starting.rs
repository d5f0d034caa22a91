use std::{fs, net::TcpListener};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ATLAS, Agents, command, data_in, demo_keys, refusal, with_keys};
use crate::process::Example;

#[test]
fn the_port_that_the_system_chose_is_told() {
    let agents = Agents::start();
    let url = agents.example.url();
    assert!(!url.contains(":0/") && url.ends_with("/mcp"), "{url}");
}

#[test]
fn what_is_served_is_on_the_start_page() {
    let agents = Agents::start();
    for expected in [
        "agent_search",
        "platform_stats",
        "dm_send",
        "dm_inbox",
        "agent://profiles/{username}",
        "collaboration_proposal",
    ] {
        assert!(
            agents.example.page().contains(expected),
            "{}",
            agents.example.page()
        );
    }
}

#[test]
fn it_describes_itself_and_leaves_no_file() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("agents.redb");
    let mut command = command(&data);
    let output = command.arg("--describe").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let report = String::from_utf8(output.stdout).unwrap();
    for line in [
        "tool agent_search: Find agents by what they can do",
        "  skills: array of string, 20 items at most, default []",
        "  limit: integer, 1 to 50, default 10",
        "  returns { agents, total }",
        "resource agent://profiles/{username}: What one agent says of itself",
        "  style: text, optional",
    ] {
        assert!(
            report.lines().any(|known| known == line),
            "{line}: {report}"
        );
    }
    assert!(report.contains("scopes: messages:write"), "{report}");
    assert!(!report.contains("warnings") && !data.exists(), "{report}");
}

#[test]
fn every_line_of_the_start_page_works() {
    let folder = TempDir::new().unwrap();
    let example = Example::start(&mut command(&data_in(&folder)));
    let mut client = example.client();
    let mut calls = 0;
    for line in example.page().lines() {
        if let Some(key) = line.strip_prefix("KEY=") {
            client = example.client().key(key);
        } else if line == "initialize" {
            client = client.initialized();
        } else if line == "call -X DELETE" {
            assert_eq!(client.delete().status, 204);
        } else if let Some(rest) = line.strip_prefix("call -d '") {
            let message: Value = serde_json::from_str(rest.trim_end_matches('\'')).unwrap();
            let answer = client.post(&message);
            if message.get("id").is_none() {
                assert_eq!(answer.status, 202, "{line}: {answer:?}");
            } else {
                assert_ne!(answer.result()["isError"], true, "{line}: {answer:?}");
            }
            calls += 1;
        }
    }
    assert!(calls >= 8, "{}", example.page());
}

#[test]
fn demo_keys_are_the_same_after_a_restart_and_work() {
    let folder = TempDir::new().unwrap();
    let example = Example::start(&mut command(&data_in(&folder)));
    let keys = demo_keys(&example);
    assert_eq!(keys.len(), 2, "{}", example.page());
    drop(example);
    let example = Example::start(&mut command(&data_in(&folder)));
    assert_eq!(demo_keys(&example), keys);
    let [(_, sender), (reader, reading)] = &keys[..] else {
        panic!("two keys")
    };
    let arguments = json!({ "to": reader, "content": "from key to key" });
    let mut client = example.client().key(sender).initialized();
    client.call("dm_send", arguments).structured();
    let mut client = example.client().key(reading).initialized();
    let inbox = client.call("dm_inbox", json!({})).structured();
    assert_eq!(inbox["messages"][0]["content"], "from key to key");
}

#[test]
fn demo_keys_are_void_where_real_ones_are_given() {
    let folder = TempDir::new().unwrap();
    let demo = demo_keys(&Example::start(&mut command(&data_in(&folder))));
    let example = Example::start(&mut with_keys(&data_in(&folder)));
    assert!(demo_keys(&example).is_empty(), "{}", example.page());
    assert_eq!(example.client().key(&demo[0].1).initialize().status, 401);
    assert_eq!(example.client().key(ATLAS).initialize().status, 200);
}

#[test]
fn keys_are_read_from_a_file() {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys");
    fs::write(&keys, format!("# who may write\natlas: {ATLAS}\n")).unwrap();
    let example = Example::start(command(&data_in(&folder)).arg("--keys").arg(keys));
    assert!(demo_keys(&example).is_empty(), "{}", example.page());
    assert_eq!(example.client().key(ATLAS).initialize().status, 200);
}

#[test]
fn a_bad_keys_file_is_told_in_one_line_without_the_key() {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys");
    let mut command = command(&data_in(&folder));
    command.arg("--keys").arg(&keys);
    assert!(refusal(&mut command).contains("keys"), "a missing file");
    fs::write(&keys, "# nobody yet\n").unwrap();
    assert!(
        refusal(&mut command).contains("no key in it"),
        "an empty file"
    );
    fs::write(&keys, "secret-without-a-name\n").unwrap();
    let text = refusal(&mut command);
    assert!(
        text.contains("subject:key") && !text.contains("secret"),
        "{text}"
    );
}

#[test]
fn beyond_this_machine_it_is_served_under_a_name_only() {
    let folder = TempDir::new().unwrap();
    let data = data_in(&folder);
    let text = refusal(command(&data).args(["--addr", "0.0.0.0:0"]));
    assert!(
        text.contains("open to the network") && text.contains("--public-url"),
        "{text}"
    );
    let mut command = command(&data);
    command.args(["--addr", "0.0.0.0:0"]);
    command.args(["--public-url", "https://agents.example.com"]);
    let example = Example::start(&mut command);
    assert!(demo_keys(&example).is_empty(), "{}", example.page());
    let page = example.page();
    assert!(
        page.contains("There are no keys.") && page.contains("https://agents.example.com/mcp"),
        "{page}"
    );
}

#[test]
fn the_guide_says_nothing_that_it_does_not_understand() {
    let guide = include_str!("../../../../mcp-core/guide/deploy.md");
    let folder = TempDir::new().unwrap();
    let understands = |line: &str| {
        let line = line.split('#').next().unwrap();
        let mut command = command(&data_in(&folder));
        // Help is given to whoever has said nothing wrong before.
        let arguments = line.split_whitespace().skip(1).chain(["--help"]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let lines = guide.lines().filter(|line| line.starts_with("agents "));
    assert!(lines.map(understands).count() >= 5);
    let help = understands("agents");
    let names = guide.split(|c: char| c != '_' && !c.is_ascii_uppercase());
    for name in names.filter(|name| name.starts_with("AGENTS_")) {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn an_address_in_use_is_told_in_one_line() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = refusal(command(&data_in(&folder)).args(["--addr", &address]));
    assert!(text.contains(&address) && text.contains("in use"), "{text}");
}

#[test]
fn a_data_file_of_another_server_is_told_in_one_line() {
    let agents = Agents::start();
    let folder = TempDir::new().unwrap();
    let mut command = command(&data_in(&folder));
    let text = refusal(command.arg("--data").arg(data_in(&agents.folder)));
    assert!(
        text.contains("agents.redb") && text.contains("another server"),
        "{text}"
    );
}

#[test]
fn a_data_file_that_is_something_else_is_told_in_one_line_and_kept() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "my notes, ".repeat(1000)).unwrap();
    let text = refusal(&mut command(&path));
    assert!(text.contains("notes.txt"), "{text}");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "my notes, ".repeat(1000)
    );
}

#[cfg(unix)]
#[test]
fn the_data_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let agents = Agents::start();
    let metadata = fs::metadata(data_in(&agents.folder)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o077, 0);
}
