//! `token …`: personal API tokens from beside the database, for scripts of the host that nobody signs in for.

use super::{say, state};
use crate::{
    actor::{Scope, Scopes},
    auth::client::Client,
    config::Config,
    serve::Failed,
    service::accounts::{Accounts, TokenWish},
};
use clap::Subcommand;
use domain::text::Name;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists somebody's tokens by name; what opens something is shown only once, when it is made.
    List {
        /// Their address.
        email: String,
    },
    /// Makes a token and prints it, alone on its line, this once.
    Create {
        /// Whose tasks it opens: their address.
        email: String,
        /// What to call it.
        #[arg(long)]
        name: String,
        /// What it may do: read, write, chat or admin; can be repeated.
        #[arg(long = "scope", default_values = ["read", "write"])]
        scopes: Vec<String>,
        /// Days until it ends; without it, never.
        #[arg(long)]
        days: Option<i64>,
    },
    /// Takes a token back: it opens nothing from then on.
    Revoke {
        /// Their address.
        email: String,
        /// The token's name.
        name: String,
    },
}

/// Runs the command.
pub async fn run(command: Command, config: Config) -> Result<(), Failed> {
    let (state, store) = state(config).await?;
    let done = carry_out(command, &state.accounts).await;
    store.close().await;
    done
}

async fn carry_out(command: Command, accounts: &Accounts) -> Result<(), Failed> {
    let failed = |e: crate::service::Error| Failed(e.to_string());
    match command {
        Command::List { email } => {
            let user = accounts.find(&email).await.map_err(failed)?;
            say("name\tscopes\tmade\tends\tlast used");
            for token in accounts.api_tokens(&user).await.map_err(failed)? {
                let (ends, used) = (token.expires_at.as_deref(), token.last_used_at.as_deref());
                let scopes = token.scopes.join(",");
                let (ends, used) = (ends.unwrap_or("never"), used.unwrap_or("never"));
                say(&format!("{}\t{scopes}\t{}\t{ends}\t{used}", token.name, token.created_at));
            }
        }
        Command::Create { email, name, scopes, days } => {
            let name = Name::parse(&name).map_err(|e| Failed(format!("--name {e}")))?;
            if let Some(word) = scopes.iter().find(|word| Scope::named(word).is_none()) {
                let known = Scopes::ALL.words().join(", ");
                return Err(Failed(format!("--scope {word:?} is not known: allowed are {known}")));
            }
            let user = accounts.find(&email).await.map_err(failed)?;
            let scopes = scopes.iter().filter_map(|word| Scope::named(word)).collect();
            let wish = TokenWish { name, scopes, days };
            let made = accounts.make_api_token(&user, wish, &Client::default()).await.map_err(failed)?;
            say(&made.token);
        }
        Command::Revoke { email, name } => {
            let user = accounts.find(&email).await.map_err(failed)?;
            let tokens = accounts.api_tokens(&user).await.map_err(failed)?;
            let none = || Failed(format!("{email} has no token called {name:?}: `token list` shows those there are"));
            let token = tokens.into_iter().find(|token| token.name == name).ok_or_else(none)?;
            accounts.revoke_api_token(&user, &token.id, &Client::default()).await.map_err(failed)?;
            say(&format!("{name} opens nothing any more."));
        }
    }
    Ok(())
}
