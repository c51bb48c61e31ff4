//! Who calls at `/mcp`: a program that a person let in, with an access token, or a script with a personal API token.
//!
//! Deliberately absent: cookies and session tokens. An MCP client is another program, and what it holds must be something
//! its person can name and take back alone.

use super::{Accounts, api_tokens, bearer::bearer};
use crate::{
    actor::{Actor, Door},
    store,
};

/// Who calls, and with which program.
#[derive(Clone, Debug)]
pub struct McpCaller {
    /// For whom everything is done, and what they may do.
    pub actor: Actor,
    /// The OAuth client that holds the token; absent for an API token.
    pub client: Option<String>,
}

/// Why nobody was let in.
#[derive(Debug)]
pub enum McpDenied {
    /// No bearer token came along.
    Nobody,
    /// The token was not accepted; why, in words.
    Token(&'static str),
    /// The database failed.
    Store(store::Error),
}

impl From<store::Error> for McpDenied {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Accounts {
    /// Whose call at `/mcp` this is, in one query.
    pub async fn identify_mcp(&self, authorization: Option<&str>) -> Result<McpCaller, McpDenied> {
        let token = authorization.and_then(bearer).filter(|token| !token.is_empty()).ok_or(McpDenied::Nobody)?;
        if !token.starts_with(api_tokens::PREFIX) {
            return self.by_access_token(token).await;
        }
        let actor = self.by_api_token(token).await?;
        let actor = actor.ok_or(McpDenied::Token("the API token is unknown, was revoked or has expired"))?;
        Ok(McpCaller { actor: actor.through(Door::Mcp), client: None })
    }

    /// Who issues OAuth tokens here: the address people use.
    pub fn issuer(&self) -> &str {
        &self.public_url
    }

    /// The one thing OAuth tokens are for, as people type it into their programs.
    pub fn mcp_resource(&self) -> String {
        format!("{}/mcp", self.public_url)
    }
}
