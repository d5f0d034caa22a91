//! What the clients should see, each fact under the name of the check that finds it.

use serde_json::{Value, json};

use super::Era;

/// What every client sees of `everything`. Fixtures may be added without a word here.
pub(super) fn everything(era: Era) -> Value {
    const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    const WAV: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

    let text = |text: &str| json!({ "type": "text", "text": text });
    let said = |said: &str| json!({ "content": [text(said)] });
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    let audio = json!({ "type": "audio", "data": WAV, "mimeType": "audio/wav" });
    let plain =
        |uri: &str, text: &str| json!({ "uri": uri, "mimeType": "text/plain", "text": text });
    let json =
        |uri: &str, text: &str| json!({ "uri": uri, "mimeType": "application/json", "text": text });
    let embedded = |resource: Value| json!({ "type": "resource", "resource": resource });
    let user = |content: Value| json!({ "role": "user", "content": content });
    let weather = text(r#"{"temperature":22.5,"conditions":"Partly cloudy"}"#);
    let structured = json!({
        "content": [weather],
        "structuredContent": { "temperature": 22.5, "conditions": "Partly cloudy" },
    });

    let legacy = matches!(era, Era::Legacy);
    let refused = json!({ "refused": { "code": era.missing_capability() } });

    json!({
        "connect": {
            "version": era.version(),
            "session": legacy,
            "server": { "name": "everything", "title": "Everything" },
            "instructions": "Fixtures of the MCP conformance suite; nothing here is of any use.",
            "capabilities": {
                "tools": { "listChanged": true },
                "resources": { "listChanged": true, "subscribe": true },
                "prompts": { "listChanged": true },
                "completions": {},
                "logging": {},
            },
        },
        "ping": if legacy { json!({}) } else { Value::Null },
        "calls": {
            "test_simple_text": said("This is a simple text response for testing."),
            "test_image_content": { "content": [image] },
            "test_audio_content": { "content": [audio] },
            "test_embedded_resource": { "content": [
                embedded(plain("test://embedded-resource", "This is an embedded resource content.")),
            ] },
            "test_multiple_content_types": { "content": [
                text("Multiple content types test:"),
                image,
                embedded(json("test://mixed-content-resource", r#"{"test":"data","value":123}"#)),
            ] },
            "test_error_handling": {
                "content": [text("This tool intentionally returns an error for testing")],
                "isError": true,
            },
            "test_structured_output": structured,
            "echo": said("Grüße, 世界 🦀"),
            // In a header, too, where the revision has it.
            "test_custom_header": said("Grüße 🦀"),
            "add": said("2.5"),
            "json_schema_2020_12_tool": said("Called with 3 arguments"),
            // This client does not care for what comes on the way, and cannot be asked.
            "test_tool_with_progress": said("Tool with progress executed."),
            "test_tool_with_logging": said("Tool with logging executed."),
            "test_slow": said("Slow, but done."),
            "test_reconnection": said("Reconnection test completed."),
            "test_sampling": refused,
            "test_elicitation": refused,
            "test_two_questions": refused,
            "test_list_roots": refused,
        },
        "parallel": true,
        "bad_arguments": { "isError": true, "structuredContent": null },
        "unknown_tool": { "code": -32602 },
        "reads": {
            "test://static-text": [
                plain("test://static-text", "This is the content of the static text resource."),
            ],
            "test://static-binary": [
                { "uri": "test://static-binary", "mimeType": "image/png", "blob": PNG },
            ],
            "test://watched-resource": [
                plain("test://watched-resource", "Watched resource content."),
            ],
        },
        "templates": ["test://template/{id}/data"],
        "templated": [json(
            "test://template/42/data",
            r#"{"id":"42","templateTest":true,"data":"Data for ID: 42"}"#,
        )],
        "unknown_resource": { "code": era.missing_resource(), "data": { "uri": "test://nothing" } },
        "gets": {
            "test_simple_prompt": [user(text("This is a simple prompt for testing."))],
            "test_prompt_with_arguments": [
                user(text("Prompt with arguments: arg1='one', arg2='two'")),
            ],
            "test_prompt_with_embedded_resource": [
                user(embedded(plain("test://static-text", "Embedded resource content for testing."))),
                user(text("Please process the embedded resource above.")),
            ],
            "test_prompt_with_image": [user(image), user(text("Please analyze the image above."))],
            "test_input_required_result_prompt": refused,
        },
        "prompt_without_arguments": { "code": -32602 },
        "unknown_prompt": { "code": -32602 },
        "close": if legacy { json!({ "status": 404 }) } else { Value::Null },
        "default": { "echo": said("Grüße, 世界 🦀") },
        "2025-06-18": {
            "version": "2025-06-18",
            "session": true,
            "output_schemas": true,
            "call": structured,
        },
        "2025-03-26": {
            "version": "2025-03-26",
            "session": true,
            "output_schemas": false,
            "call": { "content": [weather], "structuredContent": null },
        },
    })
}

/// What every client is asked and told by `everything`.
pub(super) fn streams() -> Value {
    let choices = |[one, two, three]: [&str; 3]| {
        json!([
            { "const": "value1", "title": one },
            { "const": "value2", "title": two },
            { "const": "value3", "title": three },
        ])
    };
    let progress = |progress: u8| json!({ "progress": progress, "total": 100, "message": null });
    let messages = [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ];
    let messages = messages.map(|message| json!({ "level": "info", "data": message }));

    json!({
        "defaults": {
            "action": "accept",
            "content": {
                "name": "John Doe", "age": 30, "score": 95.5, "status": "active", "verified": true,
            },
            "forms": [{ "message": "Please review and update the form fields with defaults" }],
        },
        "enums": {
            "action": "accept",
            "content": {
                "untitledSingle": "option3",
                "titledSingle": "value3",
                "legacyEnum": "opt3",
                "untitledMulti": ["option2", "option3"],
                "titledMulti": ["value2", "value3"],
            },
            "forms": [{ "requestedSchema": { "type": "object", "properties": {
                "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
                "titledSingle": {
                    "type": "string",
                    "oneOf": choices(["First Option", "Second Option", "Third Option"]),
                },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"],
                },
                "untitledMulti": {
                    "type": "array",
                    "items": { "type": "string", "enum": ["option1", "option2", "option3"] },
                },
                "titledMulti": {
                    "type": "array",
                    "items": { "anyOf": choices(["First Choice", "Second Choice", "Third Choice"]) },
                },
            } } }],
        },
        "declined": {
            "action": "decline",
            "content": null,
            "forms": [{ "message": "Who are you?", "requestedSchema": {
                "type": "object",
                "properties": {
                    "username": { "type": "string", "description": "User's response" },
                    "email": { "type": "string", "description": "User's email address" },
                },
                "required": ["username", "email"],
            } }],
        },
        "cancelled": { "action": "cancel", "content": null },
        "sampling": {
            "said": "LLM response: As you say.",
            "requests": [{
                "messages": [{
                    "role": "user",
                    "content": { "type": "text", "text": "What do you say?" },
                }],
                "maxTokens": 100,
            }],
        },
        "roots": { "structuredContent": { "result": ["file:///one", "file:///two"] } },
        "progress": { "seen": [progress(0), progress(50), progress(100)], "tokens": true },
        "silent_without_token": 0,
        "log": { "by_default": messages, "from_error": [], "from_debug": messages },
        "completion": { "values": ["paris", "park", "party"] },
        "completion_of_nothing": { "code": -32602 },
        // The handler ran three times; what it counts, it counted once.
        "together": {
            "said": "color=to Which color?, size=to Which size?, sure=to Sure?, count=1",
            "asked": 3,
        },
        "at_once": { "names": ["one", "other"], "same_id": true },
        "subscription": [{ "uri": "test://watched-resource" }],
        // After the event that names the stream nothing but progress came, and then its end.
        "cancellation": {
            "running": 1,
            "dropped": 1,
            "running_after": 0,
            "in_time": true,
            "received": ["", "notifications/progress"],
        },
        // The stream began with its name, ended with when to come back, and went on elsewhere.
        "reconnection": {
            "said": "Reconnection test completed.",
            "left": [["id", "data"], ["retry"]],
            "back": { "line": "GET 200", "after": true },
            "with": [true],
        },
    })
}

/// What every client is told by `everything` where there are no sessions.
pub(super) fn modern() -> Value {
    let progress = |progress: u8| json!({ "progress": progress, "total": 100 });
    let messages = [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ];
    let messages = messages.map(|message| json!({ "level": "info", "data": message }));
    json!({
        "progress": [progress(0), progress(50), progress(100)],
        "log": {
            "unasked": [],
            "from_error": [],
            "from_debug": messages,
            "unasked_again": [],
        },
        "prompt": {
            "asked": ["What context should the prompt use?"],
            "text": "Use this context: a lighthouse",
        },
        "listen": {
            "honored": { "toolsListChanged": true, "promptsListChanged": true },
            "told": ["notifications/tools/list_changed", "notifications/prompts/list_changed"],
        },
        "listen_to_resource": {
            "honored": { "resourceSubscriptions": ["test://watched-resource"] },
            "told": [
                { "method": "notifications/resources/updated", "uri": "test://watched-resource" },
            ],
        },
        "cancellation": { "running": 1, "dropped": 1, "running_after": 0, "in_time": true },
    })
}

/// What every client sees of `agents`, new and with its sample data.
pub(super) fn agents(era: Era) -> Value {
    let legacy = matches!(era, Era::Legacy);
    json!({
        "connect": {
            "version": era.version(),
            "session": legacy,
            "server": { "name": "agents", "title": "Agents" },
            "capabilities": { "tools": {}, "resources": {}, "prompts": {} },
        },
        "ping": if legacy { json!({}) } else { Value::Null },
        "tools": ["agent_search", "platform_stats", "dm_send", "dm_inbox"],
        "resources": [],
        "templates": ["agent://profiles/{username}"],
        "prompts": ["collaboration_proposal"],
        "search": { "structuredContent": {
            "agents": [
                { "username": "cipher", "matched": ["rust"] },
                { "username": "forge", "matched": ["rust"] },
            ],
            "total": 2,
        } },
        "mistakes": { "isError": true, "structuredContent": null },
        "stats": { "structuredContent": { "agents": 10, "messages": 4 } },
        "profile": [{ "uri": "agent://profiles/atlas", "mimeType": "application/json" }],
        "unknown_profile": { "code": era.missing_resource(), "data": { "uri": "agent://profiles/nobody" } },
        "proposal": { "messages": [{ "role": "user", "content": { "type": "text" } }] },
        "proposal_without_topic": { "code": -32602 },
        "unauthorized": { "status": 401, "challenge": "Bearer realm=\"mcp\"" },
        "send": { "structuredContent": { "id": 5, "to": "beacon" } },
        "send_to_nobody": { "isError": true },
        "inbox": { "structuredContent": { "messages": [
            { "id": 5, "from": "atlas", "to": "beacon", "content": "Shall we? 🤝" },
            { "id": 4, "from": "harbor", "to": "beacon" },
        ] } },
    })
}
