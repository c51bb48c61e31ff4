//! One connection to a server of tools, over HTTP or to a program started here.
//!
//! Nothing of ours goes along but what the operator has configured: no cookies, no token of a person, no environment.
//! Neither redirects nor the proxies of the environment are followed. The server is offered nothing either: it cannot ask
//! a model, see files or question the person.

use super::{
    address::{Checked, Forbidden},
    child::{self, Kennel, Leash},
    ear::Ear,
};
use crate::config::mcp_servers::{McpServer, Way};
use http::{HeaderName, HeaderValue};
use rmcp::{
    RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, PaginatedRequestParams, ProtocolVersion,
        SubscriptionFilter, Tool,
    },
    service::{
        ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, RunningService, serve_client_with_lifecycle,
    },
    transport::streamable_http_client::{
        StreamableHttpClientTransport, StreamableHttpClientTransportConfig, StreamableHttpError,
    },
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// What is spoken with servers that do not know the newest revision.
pub(super) const LEGACY: ProtocolVersion = ProtocolVersion::V_2025_11_25;
/// How long a TCP connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest event of a stream, in bytes.
const EVENT_MAX: usize = 4 * 1024 * 1024;
/// Most pages of a list of tools, and most tools that are read before they are chosen from.
const PAGES_MAX: usize = 10;
const TOOLS_READ: usize = 1_000;

/// Why a server did not do what was asked. Never in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// No answer within the time.
    Slow,
    /// There is no connection.
    Unreachable,
    /// It answers with that status of HTTP.
    Answers(u16),
    /// It wants other keys.
    Refuses,
    /// The address must not be asked.
    Forbidden(Forbidden),
    /// The program could not be started.
    NotStarted,
    /// The connection ended.
    BrokeOff,
    /// It sent something else than it has to.
    Garbled,
    /// It has failed several times and is left alone for so many seconds.
    Resting(i64),
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow => f.write_str("it does not answer in time"),
            Self::Unreachable => f.write_str("it cannot be reached"),
            Self::Answers(status) => write!(f, "it answers with the status {status}"),
            Self::Refuses => f.write_str("it refuses our key"),
            Self::Forbidden(why) => write!(f, "{why}"),
            Self::NotStarted => f.write_str("its program cannot be started"),
            Self::BrokeOff => f.write_str("the connection ended"),
            Self::Garbled => f.write_str("it sent something that could not be read"),
            Self::Resting(seconds) => write!(f, "it has failed several times and is asked again in {seconds} s"),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Session {
    running: RunningService<RoleClient, Ear>,
    ear: Ear,
    /// It is not used any more; calls under way may still end.
    given_up: AtomicBool,
    _leash: Option<Leash>,
}

/// A server's tools as it lists them.
#[derive(Debug)]
pub struct Listed {
    /// The tools.
    pub tools: Vec<Tool>,
    /// For how long they may be kept, in milliseconds, when the server says so.
    pub ttl: Option<u64>,
}

impl Session {
    /// Connects. Whoever waits has to say for how long.
    pub async fn open(server: &McpServer, kennel: &Kennel) -> Result<Self, Away> {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        let newest = ClientLifecycleMode::Auto { preferred_versions, legacy_version: Some(LEGACY) };
        let checked = Checked::new(matches!(&server.way, Way::Http { private: true, .. }));
        match (Self::connect(server, newest, checked.clone(), kennel).await, &server.way) {
            // Some older programs end when they are asked what they do not know.
            (Err(Away::BrokeOff), Way::Stdio { .. }) => {
                Self::connect(server, ClientLifecycleMode::Initialize, checked, kennel).await
            }
            (opened, _) => opened,
        }
    }

    async fn connect(
        server: &McpServer,
        lifecycle: ClientLifecycleMode,
        checked: Checked,
        kennel: &Kennel,
    ) -> Result<Self, Away> {
        let ear = Ear::default();
        let (running, leash) = match &server.way {
            Way::Http { url, headers, .. } => {
                let client = reqwest::Client::builder()
                    .tls_backend_preconfigured(crate::tls::client())
                    .connect_timeout(CONNECT)
                    .redirect(reqwest::redirect::Policy::none())
                    .no_proxy()
                    .dns_resolver(Arc::new(checked))
                    .build()
                    .map_err(|_| Away::Unreachable)?;
                let headers: HashMap<HeaderName, HeaderValue> = headers
                    .iter()
                    .filter_map(|(name, value)| {
                        let mut value = HeaderValue::try_from(value.expose()).ok()?;
                        value.set_sensitive(true);
                        Some((HeaderName::try_from(name.as_str()).ok()?, value))
                    })
                    .collect();
                let config = StreamableHttpClientTransportConfig::with_uri(url.expose())
                    .custom_headers(headers)
                    .max_sse_event_size(EVENT_MAX)
                    .reinit_on_expired_session(true);
                let transport = StreamableHttpClientTransport::with_client(client, config);
                (serve_client_with_lifecycle(ear.clone(), transport, lifecycle).await, None)
            }
            Way::Stdio { command, args, env } => {
                let (pipes, leash) = child::start(kennel, command, args, env).map_err(|_| Away::NotStarted)?;
                (serve_client_with_lifecycle(ear.clone(), pipes, lifecycle).await, Some(leash))
            }
        };
        let running = running.map_err(|error| why_not(&error))?;
        ear.may_hang_up(running.cancellation_token());
        // How long a list is good for is decided by our own clock.
        running.set_response_cache_config(ClientCacheConfig::disabled()).await;
        let session = Self { running, ear, given_up: AtomicBool::new(false), _leash: leash };
        session.listen();
        Ok(session)
    }

    /// Where the protocol has no connections, notices of a changed list have to be asked for.
    fn listen(&self) {
        let Some(info) = self.running.peer_info() else { return };
        let tells = info.capabilities.tools.as_ref().is_some_and(|tools| tools.list_changed == Some(true));
        if !tells || info.protocol_version < ProtocolVersion::V_2026_07_28 {
            return;
        }
        let (peer, ear) = (self.running.peer().clone(), self.ear.clone());
        tokio::spawn(async move {
            let Ok(mut notices) = peer.listen(SubscriptionFilter::builder().tools_list_changed().build()).await else {
                return;
            };
            while let Ok(Some(_)) = notices.next().await {
                ear.note();
            }
        });
    }

    /// Whether it can still be used.
    pub fn is_open(&self) -> bool {
        !self.given_up.load(Ordering::SeqCst) && !self.running.is_transport_closed()
    }

    /// Lets the next one who asks connect anew.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
    }

    /// Whether the server has said that its list is another one now.
    pub fn has_changed(&self) -> bool {
        self.ear.has_changed()
    }

    /// Asks for the tools.
    pub async fn list(&self) -> Result<Listed, Away> {
        self.ear.forget();
        let mut listed = Listed { tools: vec![], ttl: None };
        let mut cursor = None;
        for _ in 0..PAGES_MAX {
            let params = PaginatedRequestParams::default().with_cursor(cursor);
            let page = self.running.list_tools(Some(params)).await.map_err(|error| broken(&error))?;
            listed.ttl = page.ttl_ms.or(listed.ttl);
            listed.tools.extend(page.tools);
            cursor = page.next_cursor;
            if cursor.is_none() || listed.tools.len() >= TOOLS_READ {
                break;
            }
        }
        listed.tools.truncate(TOOLS_READ);
        Ok(listed)
    }

    /// Calls a tool. Whoever stops waiting has cancelled the call.
    pub async fn call(&self, tool: &str, arguments: Map<String, Value>) -> Result<Called, Away> {
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        match self.running.call_tool_once(params).await {
            Ok(CallToolResponse::Complete(result)) => Ok(Called::Answered(result)),
            Ok(_) => Ok(Called::Asks),
            Err(ServiceError::McpError(error)) => Ok(Called::Refused(error.message.into_owned())),
            Err(error) => Err(broken(&error)),
        }
    }
}

/// What became of a call that the server has answered.
#[derive(Debug)]
pub enum Called {
    /// With a result.
    Answered(CallToolResult),
    /// With an error of the protocol, in its words.
    Refused(String),
    /// With a question to the person, which is not passed on.
    Asks,
}

fn why_not(error: &ClientInitializeError) -> Away {
    if error.is_authorization_required() {
        return Away::Refuses;
    }
    match error {
        ClientInitializeError::TransportError { error, .. } => of_transport(error.error.as_ref()),
        ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::Cancelled => Away::BrokeOff,
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => why_not(fallback),
        _ => Away::Garbled,
    }
}

fn broken(error: &ServiceError) -> Away {
    match error {
        ServiceError::TransportSend(error) => of_transport(error.error.as_ref()),
        ServiceError::TransportClosed | ServiceError::Cancelled { .. } => Away::BrokeOff,
        ServiceError::Timeout { .. } => Away::Slow,
        _ => Away::Garbled,
    }
}

/// Looks through what an error was caused by.
fn of_transport(error: &(dyn std::error::Error + 'static)) -> Away {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return Away::Forbidden(*forbidden);
        }
        next = match error.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            Some(StreamableHttpError::Client(inner)) if inner.is_timeout() => return Away::Slow,
            Some(StreamableHttpError::Client(inner)) => Some(inner),
            Some(StreamableHttpError::HttpStatus(inner)) => return Away::Answers(inner.status),
            Some(StreamableHttpError::AuthRequired(_) | StreamableHttpError::InsufficientScope(_)) => {
                return Away::Refuses;
            }
            // In the words of the library, "HTTP 404 Not Found: …".
            Some(StreamableHttpError::UnexpectedServerResponse(said)) => {
                let status = said.strip_prefix("HTTP ").and_then(|said| said.get(..3)?.parse().ok());
                return match status {
                    Some(401 | 403) => Away::Refuses,
                    Some(status) => Away::Answers(status),
                    None => Away::Garbled,
                };
            }
            Some(
                StreamableHttpError::UnexpectedContentType(_)
                | StreamableHttpError::ResponseBodyTooLarge { .. }
                | StreamableHttpError::Deserialize(_)
                | StreamableHttpError::Sse(_),
            ) => return Away::Garbled,
            _ => error.source(),
        };
    }
    Away::Unreachable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Secret, mcp_servers::Confirm};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_name_that_turns_out_to_lead_inside_is_not_asked() {
        crate::tls::install();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        for (host, inside) in [("tools.example.org", "127.0.0.1"), ("tools", "169.254.169.254")] {
            let url = Secret::new(format!("https://{host}:{port}/mcp"));
            let server = McpServer {
                name: "far".into(),
                way: Way::Http { url, headers: vec![], private: false },
                allow: vec![],
                deny: vec![],
                confirm: Confirm::Always,
                timeout: CONNECT,
            };
            let checked = Checked::fixed(inside.parse().expect("an address"));
            let opened = Session::connect(&server, ClientLifecycleMode::Initialize, checked, &Kennel::default()).await;
            assert!(matches!(opened, Err(Away::Forbidden(_))), "{host}: {:?}", opened.err());
        }
        let asked = tokio::time::timeout(Duration::from_millis(10), listener.accept()).await;
        assert!(asked.is_err(), "nobody comes");
    }
}
