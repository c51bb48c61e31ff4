//! `doctor`: looks at what an installation needs and says in a line each what is well, what to know, and what is wrong.
//!
//! Nothing is changed, no letter is sent and no model is called. Of others only the servers of tools are asked, for their
//! lists.

use super::{say, schema, there};
use crate::{
    clock::{Clock, SystemClock},
    config::{Config, Database},
    external::External,
    serve::{Failed, place},
    store::{self, Store, newest_migration},
};
use std::{io::Write as _, path::Path, sync::Arc};

/// What was found.
enum Found {
    Well(String),
    /// Works, and may surprise.
    Note(String),
    /// Does not work, and what to do.
    Wrong(String),
}

use Found::{Note, Well, Wrong};

/// Looks at everything; fails when something is wrong.
pub async fn run(config: &Config) -> Result<(), Failed> {
    let mut found = Vec::new();
    found.push(address(config));
    if let Database::Sqlite(path) = &config.database {
        found.push(folder(path));
    }
    match there(config).await {
        Err(failed) => found.push(Wrong(failed.0)),
        Ok(store) => {
            found.extend(database(config, &store).await);
            store.close().await;
        }
    }
    found.push(match &config.mail {
        Some(_) => Well("letters are sent by SMTP_URL".into()),
        None => Note("no SMTP_URL: nobody gets letters, `todo-chatbot user reset-link` makes links by hand".into()),
    });
    found.push(match &config.model {
        Some(model) => Well(format!("the assistant asks {} at {}", model.name, model.base_url)),
        None => Well("the assistant is the built-in one: no model is configured".into()),
    });
    found.extend(servers_of_tools(config).await);
    let mut wrong = 0;
    for finding in found {
        match finding {
            Well(text) => say(&format!("ok     {text}")),
            Note(text) => say(&format!("note   {text}")),
            Wrong(text) => {
                wrong += 1;
                say(&format!("wrong  {text}"));
            }
        }
    }
    match wrong {
        0 => Ok(()),
        1 => Err(Failed("one thing is wrong".into())),
        n => Err(Failed(format!("{n} things are wrong"))),
    }
}

/// Whether the configured servers of tools are there.
async fn servers_of_tools(config: &Config) -> Vec<Found> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let external = External::new(&config.mcp_servers, &config.enabled_tools, &clock);
    let mut found = Vec::new();
    if config.model.is_none() && !config.mcp_servers.is_empty() {
        found.push(Note("servers of tools are configured, and no model that could use them".into()));
    }
    for (name, state) in external.states().await {
        found.push(match state {
            Ok((tools, 0)) => Well(format!("the server of tools “{name}” answers and has {tools} tools")),
            Ok((tools, left_out)) => Well(format!(
                "the server of tools “{name}” answers and has {tools} tools that are used, and {left_out} that are not"
            )),
            // The assistant works without it.
            Err(away) => Note(format!("the server of tools “{name}” cannot be used: {away}")),
        });
    }
    found
}

fn address(config: &Config) -> Found {
    let url = &config.public_url;
    let here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| url.contains(&format!("//{host}")));
    match (config.public_url_given, config.is_encrypted()) {
        (false, _) => Note(format!(
            "no BETTER_AUTH_URL: each request’s own address is taken; links in letters and providers’ answers lead to {url}"
        )),
        (true, true) => Well(format!("people come to {url}; cookies are Secure")),
        (true, false) if here => Well(format!("people come to {url}, from this machine")),
        (true, false) => {
            Note(format!("people come to {url}, unencrypted: cookies are not Secure; use https outside a lab"))
        }
    }
}

/// Whether SQLite's folder can be written to.
fn folder(file: &Path) -> Found {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = folder.join(format!(".todo-chatbot-doctor-{}", std::process::id()));
    let tried = std::fs::File::create_new(&probe).and_then(|mut file| file.write_all(&[0; 4096]));
    let _ = std::fs::remove_file(&probe);
    match tried {
        Ok(()) => Well(format!("{} can be written to", folder.display())),
        Err(e) => {
            Wrong(format!("{} cannot be written to ({e}): give it to the user the server runs as", folder.display()))
        }
    }
}

async fn database(config: &Config, store: &Store) -> Vec<Found> {
    let place = place(&config.database);
    let number = match schema(config, store).await {
        Ok(number) => number,
        Err(failed) => return vec![Wrong(failed.0)],
    };
    let ours = newest_migration();
    if number != ours {
        return vec![if number > ours {
            Wrong(format!("{place} has schema {number}, newer than this program’s {ours}: run the newer program"))
        } else {
            Note(format!("{place} has schema {number}; the next start brings it to {ours}"))
        }];
    }
    let mut found = Vec::new();
    let looked = async {
        found.push(match store.damage().await? {
            None => Well(format!("{place} answers, has schema {number} and is whole")),
            Some(damage) => Wrong(format!("{place} is damaged ({damage}): restore a backup")),
        });
        if let Some(time) = store.time().await?
            && let Some(behind) = SystemClock::default().follow(time)
        {
            let seconds = behind / 1_000_000;
            found
                .push(Note(format!("this machine’s clock is {seconds} s behind the database’s, which counts: set it")));
        }
        let mut conn = store.read().await?;
        found.push(if conn.any_user().await? {
            Well("people have signed up".into())
        } else {
            Note("nobody has signed up: whoever is first becomes the admin".into())
        });
        if config.auth_secret.is_none() && config.secrets.is_empty() {
            found.push(Note("no BETTER_AUTH_SECRET: the one in the database is used, and is in every backup".into()));
        }
        Ok::<_, store::Error>(())
    };
    if let Err(error) = looked.await {
        found.push(Wrong(format!("{place} cannot be used: {error}")));
    }
    found
}
