//! The two pages of it, whole HTML without script: the question, and why there is none.

use crate::{
    auth::oauth::{GRANTABLE, redirect},
    http::forms::document::{Guard, document},
    mail::letter::escaped,
    service::accounts::oauth::{Ask, OauthClient},
};
use axum::{http::StatusCode, response::Response};

/// Asks whether a program may act for this person. What the program says of itself is marked as such; where the browser
/// goes is what can be relied on.
pub(super) fn consent(client: &OauthClient, ask: &Ask, email: &str, sealed: &str) -> Response {
    let name = escaped(&client.name);
    let scopes: String = GRANTABLE
        .iter()
        .filter(|(_, scope, _)| ask.scopes.has(*scope))
        .map(|(_, _, meaning)| format!("<li class=\"line\">{meaning}</li>\n"))
        .collect();
    let known = match client.id.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default()) {
        Some(host) => format!("It is described at <strong>{}</strong>.", escaped(host)),
        None => "That is what it calls itself; nobody has checked it.".to_owned(),
    };
    let warning = if redirect::leads_home(&ask.redirect) {
        "<p class=\"form-error\" id=\"warning\">This is a program on your own computer, and any program there could ask in \
         its name. Go on only if you have just started it yourself.</p>\n"
    } else {
        ""
    };
    let body = format!(
        "<h1>Allow “{name}”?</h1>\n\
         <p class=\"card-text\" dir=\"auto\"><strong>{name}</strong> wants to use your to-do list. {known}</p>\n\
         <p class=\"card-text\">It could then, as <strong>{email}</strong>:</p>\n\
         <ul class=\"box lines\">\n{scopes}</ul>\n{warning}\
         <p class=\"card-text\">Your answer goes to <strong>{to}</strong>.</p>\n\
         <form method=\"post\" action=\"/oauth/consent\" class=\"stack\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{sealed}\">\n\
         <button class=\"button primary wide\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button class=\"button wide\" name=\"decision\" value=\"deny\">Do not allow</button>\n</form>\n\
         <p class=\"card-foot\">You can take it back at any time in the settings, under connected apps.</p>\n",
        email = escaped(email),
        to = escaped(&redirect::shown(&ask.redirect)),
        sealed = escaped(sealed),
    );
    // A browser holds the redirect after a form to the policy of the form's page.
    let leads = format!("'self' {}", redirect::policy_source(&ask.redirect));
    document(&format!("Allow {}?", client.name), "", &body, Guard::form(&leads), [])
}

/// Why nobody is asked. The browser stays here, whoever sent it.
pub(super) fn stopped(why: &str) -> Response {
    let body = format!(
        "<h1>This does not work</h1>\n<p class=\"card-text\">A program sent you here to be let in, but its request cannot be \
         used: {}.</p>\n<p class=\"card-text\">Start again from that program.</p>\n\
         <p class=\"card-foot\"><a href=\"/\">To your lists</a></p>\n",
        escaped(why)
    );
    let mut response = document("This does not work", "", &body, Guard::still(), []);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
