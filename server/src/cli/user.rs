//! `user …`: what the operator does to accounts beside the database, also while servers run on it.
//!
//! The rules are those of the admin's page; only the question who may is answered by being able to start this program.

use super::{password, say, state};
use crate::{
    config::Config,
    ids,
    serve::Failed,
    service::accounts::{Accounts, Authority, PEOPLE_MAX, PeopleQuery, Rights},
};
use clap::Subcommand;
use domain::account::Person;

/// Letters and digits of a password made here.
const GENERATED: usize = 20;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists people by address.
    List {
        /// Only those with this in their name or address.
        #[arg(long, default_value = "")]
        search: String,
    },
    /// Locks somebody out and signs them out everywhere.
    Disable {
        /// Their address.
        email: String,
    },
    /// Lets somebody in again.
    Enable {
        /// Their address.
        email: String,
    },
    /// Makes somebody an admin.
    Admin {
        /// Their address.
        email: String,
        /// Makes them one no longer.
        #[arg(long)]
        revoke: bool,
    },
    /// Sets somebody's password, which is read from standard input, and signs them out everywhere.
    ResetPassword {
        /// Their address.
        email: String,
        /// Makes a password and prints it instead.
        #[arg(long)]
        generate: bool,
    },
    /// Prints a link to set a new password, to be handed over to its owner. It works once, for a day.
    ResetLink {
        /// Their address.
        email: String,
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
    match command {
        Command::List { search } => list(accounts, search).await,
        Command::Disable { email } => {
            let person = set(accounts, &email, Rights { disabled: Some(true), ..Rights::default() }).await?;
            say(&format!("{} is locked out and signed out everywhere.", person.email));
            Ok(())
        }
        Command::Enable { email } => {
            let person = set(accounts, &email, Rights { disabled: Some(false), ..Rights::default() }).await?;
            say(&format!("{} can sign in.", person.email));
            Ok(())
        }
        Command::ResetLink { email } => reset_link(accounts, &email).await,
        Command::Admin { email, revoke } => {
            let person = set(accounts, &email, Rights { admin: Some(!revoke), ..Rights::default() }).await?;
            say(&format!("{} is {} an admin.", person.email, if revoke { "not" } else { "now" }));
            Ok(())
        }
        Command::ResetPassword { email, generate } => reset_password(accounts, &email, generate).await,
    }
}

async fn reset_password(accounts: &Accounts, email: &str, generate: bool) -> Result<(), Failed> {
    // Known before anybody types.
    let id = accounts.find(email).await.map_err(|e| Failed(e.to_string()))?;
    let password = if generate { ids::alphanumeric(GENERATED) } else { password::read(email)? };
    accounts.set_password(&id, &password).await.map_err(|e| Failed(e.to_string()))?;
    if generate {
        // Alone on its line, so that a script can take it.
        say(&password);
    } else {
        say(&format!("The password of {email} is set; they are signed out everywhere."));
    }
    Ok(())
}

async fn reset_link(accounts: &Accounts, email: &str) -> Result<(), Failed> {
    let link = accounts.reset_link(email).await.map_err(|e| Failed(e.to_string()))?;
    let link = link.ok_or_else(|| Failed(format!("nobody has the address {email:?}")))?;
    say(&link);
    Ok(())
}

async fn set(accounts: &Accounts, email: &str, rights: Rights) -> Result<Person, Failed> {
    let failed = |e: crate::service::Error| Failed(e.to_string());
    let id = accounts.find(email).await.map_err(failed)?;
    accounts.set_rights(Authority::Operator, &id, rights).await.map_err(failed)
}

async fn list(accounts: &Accounts, search: String) -> Result<(), Failed> {
    let mut query = PeopleQuery { search, limit: PEOPLE_MAX, after: String::new() };
    say("address\tname\trights\tsigned up\tlast seen\ttasks");
    loop {
        let page = accounts.people(Authority::Operator, &query).await;
        let (people, next) = page.map_err(|e| Failed(e.to_string()))?;
        for person in people {
            say(&line(&person));
        }
        let Some(next) = next else { return Ok(()) };
        query.after = next;
    }
}

/// One person, in columns that `cut` and `awk` find.
fn line(person: &Person) -> String {
    let rights = match (person.admin, person.disabled) {
        (true, true) => "admin, disabled",
        (true, false) => "admin",
        (false, true) => "disabled",
        (false, false) => "-",
    };
    let seen = person.last_seen_at.as_deref().unwrap_or("never");
    // A name is one line and holds no tab: sign-up sees to that, but a database may come from elsewhere.
    let name: String = person.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{}\t{name}\t{rights}\t{}\t{seen}\t{}", person.email, person.created_at, person.tasks)
}
