//! The left rail: views, projects and labels with how many open tasks each holds, and the way out.

use super::{frame::Where, icons::*};
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
    let projects = Memo::new(move |_| {
        let overview = state.overview.read();
        let mut shown: Vec<_> =
            overview.projects.iter().filter(|p| !p.archived && p.deleted_at.is_none()).cloned().collect();
        // A nested project stands right under its parent.
        let key = |p: &domain::project::Project| {
            let parent = p.parent_id.and_then(|id| overview.projects.iter().find(|q| q.id == id));
            match parent {
                Some(parent) => (parent.position.clone(), parent.id, p.position.clone()),
                None => (p.position.clone(), p.id, String::new()),
            }
        };
        shown.sort_by_cached_key(key);
        shown
    });
    let labels = Memo::new(move |_| state.overview.read().labels.clone());
    let name = move || {
        let overview = state.overview.read();
        let user = &overview.user;
        if user.name.is_empty() { user.email.clone() } else { user.name.clone() }
    };

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
            <ul class="places">
                <For
                    each=move || projects.get()
                    key=|p| (p.id, p.name.clone(), p.colour.clone(), p.parent_id)
                    children=move |p| {
                        let id = p.id.0;
                        let count = Signal::derive(move || {
                            counts.read().projects.get(&id).copied().unwrap_or(0)
                        });
                        view! {
                            <Dotted
                                place=Place::Project(id)
                                name=p.name
                                colour=p.colour
                                nested=p.parent_id.is_some()
                                count
                            />
                        }
                    }
                />
            </ul>
            <Show when=move || projects.read().is_empty()>
                <p class="rail-hint">"Type #Name in a task to start one."</p>
            </Show>
            <Show when=move || !labels.read().is_empty()>
                <div class="rail-head">
                    <h2>"Labels"</h2>
                </div>
                <ul class="places">
                    <For
                        each=move || labels.get()
                        key=|l| (l.id, l.name.clone(), l.colour.clone())
                        children=move |l| {
                            let id = l.id.0;
                            let count = Signal::derive(move || {
                                counts.read().labels.get(&id).copied().unwrap_or(0)
                            });
                            view! {
                                <Dotted
                                    place=Place::Label(id)
                                    name=l.name
                                    colour=l.colour
                                    nested=false
                                    count
                                />
                            }
                        }
                    />
                </ul>
            </Show>
            <div class="rail-foot">
                <a href="/chat" class="place">
                    <Icon of=CHAT />
                    <span class="place-name">"Conversations"</span>
                </a>
                <a href="/settings" class="place">
                    <Icon of=GEAR />
                    <span class="place-name">"Settings"</span>
                </a>
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
fn Dotted(place: Place, name: String, colour: String, nested: bool, count: Signal<i64>) -> impl IntoView {
    view! {
        <li class:nested=nested>
            <Link place>
                <span class="dot" data-colour=colour></span>
                <span class="place-name" dir="auto">
                    {name}
                </span>
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
