//! The left rail: views, projects and labels with how many open tasks each holds, and the way out.

use super::{frame::Where, icons::*, keyed::present};
use crate::prelude::*;
use crate::{
    place::Place,
    state::{Dialog, State},
};

/// See the module.
#[component]
pub fn Rail(menu: RwSignal<bool>) -> impl IntoView {
    let state = State::here();
    let counts = Memo::new(move |_| state.overview.read().counts.clone());
    let name = move || {
        let overview = state.overview.read();
        let user = &overview.user;
        if user.name.is_empty() { user.email.clone() } else { user.name.clone() }
    };
    let here = Where::here();
    let in_chat = move || here.path.read().starts_with("/chat").then_some("page");

    view! {
        <nav id="rail" class="rail" class:open=menu aria-label="Places">
            <ul class="places">
                <Item place=Place::Today shape=TODAY count=Signal::derive(move || counts.read().today) />
                <Item place=Place::Upcoming shape=UPCOMING />
                <Item place=Place::Inbox shape=INBOX count=Signal::derive(move || counts.read().inbox) />
                <Item place=Place::Completed shape=DONE />
                <Item place=Place::Trash shape=TRASH />
            </ul>
            <div class="rail-head">
                <h2>"Projects"</h2>
                <button
                    class="icon-button needs-script"
                    id="add-project"
                    aria-label="Add a project"
                    title="Add a project"
                    on:click=move |_| state.dialog.set(Some(Dialog::Project(None)))
                >
                    <Icon of=PLUS />
                </button>
            </div>
            {move || lists(state)}
            <div class="rail-foot">
                <a href="/chat" class="place" aria-current=in_chat>
                    <Icon of=CHAT />
                    <span class="place-name">"Conversations"</span>
                </a>
                <a href="/settings" class="place">
                    <Icon of=GEAR />
                    <span class="place-name">"Settings"</span>
                </a>
                {present(
                    move || state.overview.read().admin,
                    || view! {
                        <a href="/admin" class="place">
                            <Icon of=PEOPLE />
                            <span class="place-name">"People"</span>
                        </a>
                    }
                    .into_any(),
                )}
                <form method="post" action="/sign-out" class="who">
                    <span class="who-name" dir="auto">
                        {name}
                    </span>
                    <button class="link" id="sign-out">
                        "Sign out"
                    </button>
                </form>
            </div>
        </nav>
    }
    .into_any()
}

/// The projects and labels. They change seldom, so they are drawn as a whole.
fn lists(state: State) -> AnyView {
    let overview = state.overview.read();
    let mut projects: Vec<_> = overview.projects.iter().filter(|p| !p.archived && p.deleted_at.is_none()).collect();
    // A nested project stands right under its parent.
    projects.sort_by_cached_key(|p| {
        let parent = p.parent_id.and_then(|id| overview.projects.iter().find(|q| q.id == id));
        match parent {
            Some(parent) => (&parent.position, parent.id, p.position.as_str()),
            None => (&p.position, p.id, ""),
        }
    });
    let hint = projects.is_empty().then(|| view! { <p class="rail-hint">"Type #Name in a task to start one."</p> });
    let projects: Vec<_> = projects
        .into_iter()
        .map(|p| {
            let count = overview.counts.projects.get(&p.id.0).copied();
            dotted(Place::Project(p.id.0), &p.name, &p.colour, p.parent_id.is_some(), count)
        })
        .collect();
    let labels: Vec<_> = overview
        .labels
        .iter()
        .map(|l| dotted(Place::Label(l.id.0), &l.name, &l.colour, false, overview.counts.labels.get(&l.id.0).copied()))
        .collect();
    let labels = (!labels.is_empty()).then(|| {
        view! {
            <div class="rail-head">
                <h2>"Labels"</h2>
            </div>
            <ul class="places">{labels}</ul>
        }
    });
    view! {
        <ul class="places">{projects}</ul>
        {hint}
        {labels}
    }
    .into_any()
}

fn dotted(place: Place, name: &str, colour: &str, nested: bool, count: Option<i64>) -> AnyView {
    let here = Where::here();
    let current = (here.place.get().as_ref() == Some(&place)).then_some("page");
    view! {
        <li class:nested=nested>
            <a class="place" href=place.path() aria-current=current>
                <span class="dot" data-colour=colour.to_owned()></span>
                <span class="place-name" dir="auto">
                    {name.to_owned()}
                </span>
                <span class="count">{count.filter(|n| *n > 0)}</span>
            </a>
        </li>
    }
    .into_any()
}

#[component]
fn Item(place: Place, shape: Shape, #[prop(default = Signal::stored(0))] count: Signal<i64>) -> impl IntoView {
    let overview = State::here().overview;
    let name = overview.with_untracked(|o| place.name(o));
    view! {
        <li>
            <Link place>
                <Icon of=shape />
                <span class="place-name">{name}</span>
                <Count count />
            </Link>
        </li>
    }
    .into_any()
}

#[component]
fn Link(place: Place, children: Children) -> impl IntoView {
    let here = Where::here();
    let href = place.path();
    let current = move || (here.place.get().as_ref() == Some(&place)).then_some("page");
    view! {
        <a class="place" href=href aria-current=current>
            {children()}
        </a>
    }
    .into_any()
}

#[component]
fn Count(count: Signal<i64>) -> impl IntoView {
    view! {
        <span class="count">{move || Some(count.get()).filter(|n| *n > 0)}</span>
    }
}
