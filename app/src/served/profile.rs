//! Who somebody is: the name the assistant uses, and the address they sign in with.

use super::{
    data::Settings,
    parts::{self, Field},
};
use crate::prelude::*;
use domain::{account::User, overview::Overview};

/// See the module.
pub fn section(overview: &Overview, found: &Settings) -> AnyView {
    let user = &overview.user;
    let name = Field::text("name", "Name").autocomplete("name").optional().value(&user.name);
    let body = view! {
        <div class="box">
            <form class="stack" method="post" action="/do/settings">
                <input type="hidden" name="at" value="name" />
                {found.said.note("name", &["name"])}
                {name.hint("What the assistant calls you.").error(found.said.about("name", "name")).draw()}
                <div class="form-foot">
                    <button class="button">"Save name"</button>
                </div>
            </form>
            <hr />
            {address(user, found)}
        </div>
    }
    .into_any();
    parts::section("profile", "Profile", "Who you are here.", body)
}

fn address(user: &User, found: &Settings) -> AnyView {
    let badge = if user.email_verified { "Confirmed" } else { "Not confirmed" };
    let confirm = (!user.email_verified && found.options.mail)
        .then(|| parts::act("/do/verify-email", &[], "Send the link to confirm it", "", ""));
    let change = if found.options.mail {
        view! {
            <details class="fold" open=found.said.refused("email")>
                <summary>"Change e-mail address"</summary>
                <form class="stack" method="post" action="/do/email">
                    {Field::email("New e-mail address")
                        .id("new-email")
                        .autocomplete("email")
                        .hint("We send a link to the new address. Nothing changes until you open it.")
                        .error(found.said.about("email", "email"))
                        .draw()}
                    <div class="form-foot">
                        <button class="button">"Send the link"</button>
                    </div>
                </form>
            </details>
        }
        .into_any()
    } else {
        view! {
            <p class="hint">
                "It cannot be changed or confirmed here, because this server has no mail set up."
            </p>
        }
        .into_any()
    };
    view! {
        <p class="field-label">"E-mail"</p>
        <p class="line-title" dir="auto">
            {user.email.clone()} <span class="badge" class:good=user.email_verified>{badge}</span>
        </p>
        {found.said.note("verify-email", &[])}
        {found.said.note("email", &["email"])}
        {confirm}
        {change}
    }
    .into_any()
}
