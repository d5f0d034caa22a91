//! What travels: what each era does before the first request, adds to each, and asks meanwhile.

use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use tokio::time::timeout;

use super::{Client, PATIENCE};
use crate::{
    era::{Era, modern::VERSION_KEY},
    handler::ServerInfo,
    jsonrpc::{RequestId, notification, request},
    testing::{Inbox, RpcError},
    types::{Implementation, capabilities::ServerCapabilities},
};

/// How often one request may be answered with questions.
const MOST_ROUNDS: usize = 50;

impl Client {
    pub(super) fn connect(&self) {
        // Held all the while: whoever comes meanwhile finds it connected.
        let mut transport = self.transport();
        let Some(unconnected) = transport.take() else {
            return;
        };
        match unconnected.connect(self.identity.clone(), self.inbox.clone()) {
            Ok(connection) => self.inbox.connected(connection),
            Err(why) => panic!("{why}"),
        }
    }

    pub(super) async fn begin(&self) -> Result<(), RpcError> {
        match self.era {
            Era::Legacy => self.server_info().await.map(drop),
            Era::Modern => {
                self.connect();
                Ok(())
            }
        }
    }

    pub(super) async fn initialize(&self) -> Result<ServerInfo, RpcError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct InitializeResult {
            protocol_version: String,
            capabilities: ServerCapabilities,
            server_info: Implementation,
            instructions: Option<String>,
        }

        let version = self.era.newest().as_str();
        let params = json!({
            "protocolVersion": version,
            "capabilities": self.inbox.capabilities(),
            "clientInfo": client_info(),
        });
        let result = self.exchange("initialize", &params).await?;
        let result: InitializeResult = match serde_json::from_str(result.get()) {
            Ok(result) => result,
            Err(error) => panic!("the result of `initialize`: {error}: {result}"),
        };
        assert_eq!(
            result.protocol_version, version,
            "the revision that is spoken"
        );
        let initialized = notification("notifications/initialized", &json!({}));
        self.inbox.send(initialized.into());
        if result.capabilities.logging.is_some() {
            let params = json!({ "level": "debug" });
            self.exchange("logging/setLevel", &params).await?;
        }
        Ok(ServerInfo {
            implementation: result.server_info,
            instructions: result.instructions,
            capabilities: result.capabilities,
        })
    }

    pub(super) async fn discover(&self) -> Result<ServerInfo, RpcError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct DiscoverResult {
            supported_versions: Vec<String>,
            capabilities: ServerCapabilities,
            instructions: Option<String>,
            #[serde(default, rename = "_meta")]
            meta: Meta,
        }
        #[derive(Default, Deserialize)]
        struct Meta {
            #[serde(default, rename = "io.modelcontextprotocol/serverInfo")]
            server_info: Implementation,
        }

        let params = self.with_meta(json!({}), None);
        let result = self.exchange("server/discover", &params).await?;
        let result: DiscoverResult = match serde_json::from_str(result.get()) {
            Ok(result) => result,
            Err(error) => panic!("the result of `server/discover`: {error}: {result}"),
        };
        let version = self.era.newest().as_str();
        let served = &result.supported_versions;
        assert!(
            served.iter().any(|it| it == version),
            "{version} is not served: {served:?}"
        );
        Ok(ServerInfo {
            implementation: result.meta.server_info,
            instructions: result.instructions,
            capabilities: result.capabilities,
        })
    }

    /// The result of a request, whatever is asked on the way.
    pub(super) async fn raw(&self, method: &str, params: Value) -> Result<Box<RawValue>, RpcError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Envelope {
            result_type: Option<String>,
            #[serde(default)]
            input_requests: Map<String, Value>,
            request_state: Option<Value>,
        }

        self.begin().await?;
        let mut params = params;
        for _ in 0..MOST_ROUNDS {
            let sent = self.with_meta(params.clone(), Some(method));
            let result = self.exchange(method, &sent).await?;
            if self.era == Era::Legacy {
                return Ok(result);
            }
            let envelope: Envelope = match serde_json::from_str(result.get()) {
                Ok(envelope) => envelope,
                Err(error) => panic!("the result of `{method}`: {error}: {result}"),
            };
            match envelope.result_type.as_deref() {
                Some("complete") => return Ok(result),
                Some("input_required") => {}
                _ => panic!("the result of `{method}` has no `resultType` that is known: {result}"),
            }
            let mut responses = Map::new();
            for (key, question) in envelope.input_requests {
                let asked = question.get("method").and_then(Value::as_str);
                let empty = json!({});
                let about = question.get("params").unwrap_or(&empty);
                let answer = self.inbox.answer_input(asked.unwrap_or_default(), about)?;
                responses.insert(key, answer);
            }
            let Some(again) = params.as_object_mut() else {
                return Ok(result);
            };
            again.insert("inputResponses".to_owned(), responses.into());
            match envelope.request_state {
                Some(state) => again.insert("requestState".to_owned(), state),
                None => again.remove("requestState"),
            };
        }
        panic!("`{method}` still asks after {MOST_ROUNDS} rounds of answers")
    }

    /// What the era puts into the parameters of every request; whatever is there already stays.
    pub(super) fn with_meta(&self, mut params: Value, progress_of: Option<&str>) -> Value {
        let mut meta = Map::new();
        if self.era == Era::Modern {
            let version = self.era.newest().as_str();
            meta.insert(VERSION_KEY.to_owned(), json!(version));
            let mut add = |key: &str, value| {
                meta.insert(format!("io.modelcontextprotocol/{key}"), value);
            };
            add("clientCapabilities", self.inbox.capabilities());
            add("clientInfo", client_info());
            add("logLevel", json!("debug"));
        }
        if matches!(
            progress_of,
            Some("tools/call" | "resources/read" | "prompts/get")
        ) {
            meta.insert("progressToken".to_owned(), json!("progress"));
        }
        if let Some(params) = params.as_object_mut().filter(|_| !meta.is_empty()) {
            if let Some(Value::Object(own)) = params.remove("_meta") {
                meta.extend(own);
            }
            params.insert("_meta".to_owned(), meta.into());
        }
        params
    }

    /// One request and its response.
    async fn exchange(&self, method: &str, params: &Value) -> Result<Box<RawValue>, RpcError> {
        let (id, answered) = self.inbox.expect();
        let waiting = Waiting {
            inbox: &self.inbox,
            id,
        };
        self.inbox
            .send(request(&waiting.id, method, &params.to_string()));
        self.inbox.check();
        match timeout(PATIENCE, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                self.inbox.check();
                panic!("the connection was closed before `{method}` was answered: {params}")
            }
            Err(_) => panic!("`{method}` was not answered within {PATIENCE:?}: {params}"),
        }
    }
}

/// A request that is waited for; dropped before its response, it is cancelled.
struct Waiting<'c> {
    inbox: &'c Inbox,
    id: RequestId,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.inbox.forget(&self.id) {
            let params = json!({ "requestId": self.id });
            let cancelled = notification("notifications/cancelled", &params);
            self.inbox.send(cancelled.into());
        }
    }
}

fn client_info() -> Value {
    json!({ "name": "mcp-core testing", "version": env!("CARGO_PKG_VERSION") })
}
