//! The small Markdown of chat answers, as views: paragraphs, headings, lists, quotes, code, bold, italics and links.
//!
//! Text is read into a tree and the tree is drawn; nothing is ever given to the browser as HTML, so whatever a model or a
//! task's text holds stays text. Links go to `http` and `https` only, and `#12` to the task of that number. Deliberately absent: images, tables, raw HTML.

mod read;

use super::icons::*;
use crate::browser;
use crate::prelude::*;
use read::{Block, Inline, blocks};

/// Draws a text.
pub fn markdown(text: &str) -> AnyView {
    blocks(text).into_iter().map(block).collect_view().into_any()
}

fn block(block: Block) -> AnyView {
    match block {
        Block::Paragraph(line) => view! { <p>{inlines(line)}</p> }.into_any(),
        Block::Heading(line) => {
            // A heading inside a message is no heading of the page.
            view! { <p class="md-heading">{inlines(line)}</p> }.into_any()
        }
        Block::Quote(line) => view! { <blockquote>{inlines(line)}</blockquote> }.into_any(),
        Block::List { ordered: true, start, items } => {
            view! { <ol start=start>{items.into_iter().map(item).collect_view()}</ol> }.into_any()
        }
        Block::List { items, .. } => view! { <ul>{items.into_iter().map(item).collect_view()}</ul> }.into_any(),
        Block::Code(code) => {
            let text = code.clone();
            view! {
                <div class="code-block">
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Copy the code"
                        title="Copy"
                        on:click=move |_| browser::copy(&text)
                    >
                        <Icon of=COPY />
                    </button>
                    <pre tabindex="0">
                        <code>{code}</code>
                    </pre>
                </div>
            }
            .into_any()
        }
    }
}

fn item(line: (u8, Vec<Inline>)) -> AnyView {
    let (depth, line) = line;
    view! {
        <li data-depth=depth dir="auto">
            {inlines(line)}
        </li>
    }
    .into_any()
}

fn inlines(line: Vec<Inline>) -> AnyView {
    line.into_iter()
        .map(|inline| match inline {
            Inline::Text(text) => text.into_any(),
            Inline::Break => view! { <br /> }.into_any(),
            Inline::Code(code) => view! { <code>{code}</code> }.into_any(),
            Inline::Strong(inner) => view! { <strong>{inlines(inner)}</strong> }.into_any(),
            Inline::Emphasis(inner) => view! { <em>{inlines(inner)}</em> }.into_any(),
            Inline::Struck(inner) => view! { <s>{inlines(inner)}</s> }.into_any(),
            Inline::Link { to, inner } => view! {
                <a href=to target="_blank" rel="noopener noreferrer nofollow">
                    {inlines(inner)}
                </a>
            }
            .into_any(),
            Inline::Task(id) => view! {
                <a class="task-chip" href=format!("/task/{id}") data-act="open" data-of=id>
                    {format!("#{id}")}
                </a>
            }
            .into_any(),
        })
        .collect_view()
        .into_any()
}
