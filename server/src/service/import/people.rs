//! People, and how they sign in.

use super::{Fields, Import, Person, Result};
use crate::{
    actor::{Actor, Door},
    auth::{email, password::Passwords},
    ids,
    store::{
        account_rows::{NewAccountRow, TokenColumns},
        better_auth::iso,
    },
};
use domain::{account::User, id::UserId, settings::Settings, text};
use std::collections::HashMap;

/// Most characters in a name; see `service::accounts`.
const NAME_MAX: usize = 200;
/// Who vouches for Google's accounts, where Better Auth keeps that.
const GOOGLE: &str = "https://accounts.google.com";

impl Import<'_> {
    /// Finds or makes everybody; by their old ids.
    pub(super) async fn people(&mut self, say: &dyn Fn(&str)) -> Result<HashMap<String, Person>> {
        let mut people = HashMap::new();
        for row in self.rows("users") {
            let id = row.id();
            let known = self.knows("user", &id).cloned();
            let (user, made) = match known {
                Some((user, _)) => {
                    self.report.there("people");
                    (user, false)
                }
                None => match self.new_person(&row, &id).await? {
                    Some(found) => found,
                    None => continue,
                },
            };
            let settings = self.conn.settings(&user).await?.unwrap_or_default();
            people.insert(id, Person { actor: Actor::new(user, Door::Import, settings), made });
        }
        for row in self.rows("accounts") {
            self.account(&row, &people).await?;
        }
        self.report.no_admin = !self.conn.any_admin().await? && self.conn.any_user().await?;
        say(&format!("{} people", people.len()));
        Ok(people)
    }

    /// Somebody who has that address here already, or a new account; nobody when the address is none.
    async fn new_person(&mut self, row: &Fields, id: &str) -> Result<Option<(UserId, bool)>> {
        let Some(address) = row.text(&["email"]).map(|a| a.trim().to_lowercase()).filter(|a| email::valid(a)) else {
            self.report.left("users", id, "the address is not an e-mail address");
            return Ok(None);
        };
        if let Some(found) = self.conn.credentials(&address).await? {
            self.remember("user", id, &found.user.id, found.user.id.as_str()).await?;
            self.report.copied("people who have an account here already");
            return Ok(Some((found.user.id, false)));
        }
        let name = row.text(&["name", "fullname", "username", "displayname"]).unwrap_or_default();
        let user = User {
            name: clipped(&name, NAME_MAX),
            email: address,
            email_verified: row.flag(&["emailverified", "isverified"]).unwrap_or(false),
            image: row
                .text(&["image", "avatarurl", "picture"])
                .filter(|i| i.len() <= 16_384 && text::line(i, 16_384).is_ok()),
            created_at: String::new(),
            updated_at: String::new(),
            id: self.id_of(id).await?,
        };
        let created = self.moment(row, &["createdat"]).div_euclid(1000);
        let user = User { created_at: iso(created), updated_at: iso(created), ..user };
        self.conn.insert_user(&user, created).await?;
        if self.zone_name != "UTC" {
            let settings = Settings { time_zone: self.zone_name.clone(), ..Settings::default() };
            self.conn.put_settings(&user.id, &settings).await?;
        }
        self.remember("user", id, &user.id, user.id.as_str()).await?;
        self.report.copied("people");
        if let Some(hash) = row.text(&["passwordhash", "hashedpassword", "password"]) {
            self.credential(&user.id, "users", id, &hash, created).await?;
        }
        Ok(Some((user.id, true)))
    }

    /// The old id when it can stay, because tokens and addresses may still name it. A number says nothing.
    async fn id_of(&mut self, old: &str) -> Result<UserId> {
        let fits = (8..=64).contains(&old.len())
            && old.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !old.bytes().all(|b| b.is_ascii_digit());
        let kept = UserId(old.to_owned());
        if fits && self.conn.user(&kept).await?.is_none() { Ok(kept) } else { Ok(UserId(ids::alphanumeric(32))) }
    }

    async fn credential(&mut self, user: &UserId, table: &'static str, id: &str, hash: &str, at: i64) -> Result<()> {
        if Passwords::knows(hash) {
            self.conn.insert_credential(&ids::alphanumeric(32), user, hash, at).await?;
            self.report.copied("passwords");
        } else {
            self.report.left(table, id, "the password is kept in a form nobody here knows: they have to reset it");
        }
        Ok(())
    }

    /// A way to sign in. Only for accounts this import makes: whoever had the address in the old app without proving it
    /// must not get into somebody's account here by it.
    async fn account(&mut self, row: &Fields, people: &HashMap<String, Person>) -> Result<()> {
        let id = row.id();
        if self.knows("account", &id).is_some() {
            self.report.there("ways to sign in");
            return Ok(());
        }
        let Some(person) = self.person(people, "accounts", row) else { return Ok(()) };
        let user = &person.actor.user;
        if !person.made {
            self.report.left("accounts", &id, "the person has an account here and signs in as before");
            return Ok(());
        }
        let at = self.moment(row, &["createdat"]).div_euclid(1000);
        match (row.text(&["providerid", "provider"]), row.text(&["accountid", "provideraccountid"])) {
            (Some(provider), _) if provider == "credential" => {
                let Some(hash) = row.text(&["password"]) else {
                    self.report.left("accounts", &id, "it has no password");
                    return Ok(());
                };
                self.credential(user, "accounts", &id, &hash, at).await?;
            }
            (Some(provider), Some(account)) => {
                if !self.conn.holders(&provider, &account).await?.is_empty() {
                    self.report.left("accounts", &id, "somebody here is connected to it already");
                    return Ok(());
                }
                self.connection(user, row, &provider, &account, at).await?;
                self.report.copied("connections to other providers");
            }
            _ => {
                self.report.left("accounts", &id, "it names no provider");
                return Ok(());
            }
        }
        self.remember("account", &id, user, &id).await
    }
}

impl Import<'_> {
    async fn connection(&mut self, user: &UserId, row: &Fields, provider: &str, account: &str, at: i64) -> Result<()> {
        let text = |name: &str| row.text(&[name]);
        let (access, refresh, id, scope) = (text("accesstoken"), text("refreshtoken"), text("idtoken"), text("scope"));
        let ends = |name: &str| row.instant(&[name], &self.zone).map(jiff::Timestamp::as_millisecond);
        let tokens = TokenColumns {
            access: access.as_deref(),
            refresh: refresh.as_deref(),
            id: id.as_deref(),
            scope: scope.as_deref(),
            access_expires_at: ends("accesstokenexpiresat"),
            refresh_expires_at: ends("refreshtokenexpiresat"),
        };
        let issuer = if provider == "google" { GOOGLE } else { provider };
        let id = ids::alphanumeric(32);
        let row = NewAccountRow { id: &id, user, provider, account, issuer, password: None, tokens };
        Ok(self.conn.insert_account(&row, at).await?)
    }
}

/// One line without control characters, at most `max` characters.
pub(super) fn clipped(text: &str, max: usize) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max).collect();
    visible.trim().to_owned()
}
