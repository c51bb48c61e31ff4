//! Makes and changes projects and labels: a name, a colour, and the ways out.

use crate::prelude::*;
use crate::{
    api::{self, ListChange},
    components::{field::Field, frame::Where},
    place::{self, Place},
    state::State,
};
use domain::{
    id::{LabelId, ProjectId, Seq},
    problem::Problem,
    project::COLOURS,
};
use leptos::{ev::SubmitEvent, task::spawn_local};
use wasm_bindgen::JsCast;

/// See the module.
#[component]
pub fn ListForm(
    /// A project, or else a label.
    project: bool,
    /// Which one; `None` makes a new one.
    id: Option<i64>,
) -> impl IntoView {
    let (state, here) = (State::here(), Where::here());
    let (name, colour, archived) = state.overview.with_untracked(|o| {
        if project {
            let found = id.and_then(|id| place::project(o, id));
            found.map(|p| (p.name.clone(), p.colour.clone(), p.archived))
        } else {
            let found = id.and_then(|id| place::label(o, id));
            found.map(|l| (l.name.clone(), l.colour.clone(), false))
        }
        .unwrap_or((String::new(), "teal".into(), false))
    });
    let colour = RwSignal::new(colour);
    let error = RwSignal::new(None::<String>);
    let title = match (project, id) {
        (true, None) => "New project",
        (true, Some(_)) => "Project",
        (false, _) => "Label",
    };
    // Runs a call and closes when it worked.
    let run = move |call: Call, then: Then| {
        spawn_local(async move {
            match call.await {
                Ok((operation, made)) => {
                    state.dialog.set(None);
                    state.refresh_soon();
                    state.catch_up();
                    match then {
                        Then::Say(text) => state.say(text, operation),
                        Then::Leave(text) => {
                            here.go("/today");
                            state.say(text, operation);
                        }
                        Then::Go => {
                            if let (Some(id), Ok(fresh)) = (made, api::overview().await) {
                                state.take_overview(fresh);
                                here.go(&Place::Project(id).path());
                            }
                        }
                    }
                }
                Err(problem) => {
                    let field = problem.errors.first().map(|e| e.message.clone());
                    error.set(Some(field.unwrap_or_else(|| problem.to_string())));
                }
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let field = crate::browser::find("#list-name").and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(field) = field else { return };
        let change = ListChange { name: Some(field.value()), colour: Some(colour.get_untracked()), archived: None };
        match (project, id) {
            (true, None) => run(
                Box::pin(async move {
                    let answer = api::create_project(&change).await?;
                    Ok((answer.operation, Some(answer.value.id.0)))
                }),
                Then::Go,
            ),
            (_, id) => run(save(project, id.unwrap_or_default(), change), Then::Say("Saved")),
        }
    };
    let archive = move |_| {
        let change = ListChange { archived: Some(!archived), ..ListChange::default() };
        let text = if archived { "Taken out of the archive" } else { "Archived" };
        run(save(true, id.unwrap_or_default(), change), Then::Leave(text));
    };
    let delete = move |_| {
        let id = id.unwrap_or_default();
        run(
            Box::pin(async move {
                let operation = if project {
                    api::delete_project(ProjectId(id)).await?.operation
                } else {
                    api::delete_label(LabelId(id)).await?.operation
                };
                Ok((operation, None))
            }),
            Then::Leave(if project { "Project deleted, its open tasks are in the trash" } else { "Label deleted" }),
        );
    };
    let swatch = move |name: &'static str| {
        view! {
            <label class="swatch" data-colour=name>
                <input
                    type="radio"
                    name="colour"
                    value=name
                    aria-label=name
                    prop:checked=move || *colour.read() == name
                    on:change=move |_| colour.set(name.into())
                />
                <span class="dot"></span>
            </label>
        }
    };
    view! {
        <form class="sheet stack" on:submit=submit>
            <h2>{title}</h2>
            <Field name="list-name" label="Name" value=name />
            <fieldset class="swatches">
                <legend class="field-label">"Colour"</legend>
                <div>{COLOURS.map(swatch).collect_view()}</div>
            </fieldset>
            <div role="alert">{move || error.get().map(|e| view! { <p class="form-error">{e}</p> })}</div>
            <div class="sheet-foot">
                {id
                    .is_some()
                    .then(|| {
                        view! {
                            <button type="button" class="button danger" id="delete-list" on:click=delete>
                                "Delete"
                            </button>
                            {project
                                .then(|| {
                                    view! {
                                        <button type="button" class="button" on:click=archive>
                                            {if archived { "Unarchive" } else { "Archive" }}
                                        </button>
                                    }
                                })}
                        }
                    })}
                <span class="push"></span>
                <button type="button" class="button" on:click=move |_| state.dialog.set(None)>
                    "Cancel"
                </button>
                <button class="button primary">"Save"</button>
            </div>
        </form>
    }
    .into_any()
}

/// What follows when it worked.
enum Then {
    Say(&'static str),
    Leave(&'static str),
    Go,
}

/// Answers the operation, and the number of what was made.
type Call = std::pin::Pin<Box<dyn Future<Output = Result<(Option<Seq>, Option<i64>), Problem>>>>;

fn save(project: bool, id: i64, change: ListChange) -> Call {
    Box::pin(async move {
        let operation = if project {
            api::save_project(ProjectId(id), &change).await?.operation
        } else {
            api::save_label(LabelId(id), &change).await?.operation
        };
        Ok((operation, None))
    })
}
