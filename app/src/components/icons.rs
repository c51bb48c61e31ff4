//! The icons: one stroke path each on a grid of 20, drawn inline so that they take the colour of the text around them.
//! They are decoration; whoever shows one alone gives its button a name.

use crate::prelude::*;

/// An icon's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape(&'static str);

pub const TODAY: Shape = Shape("M4 5.5h12v11H4zM4 8.5h12M7 3.5v3M13 3.5v3M10 11v3M8.5 12.5h3");
pub const UPCOMING: Shape = Shape("M4 5.5h12v11H4zM4 8.5h12M7 3.5v3M13 3.5v3M7 11.5h2.5M7 14h6");
pub const INBOX: Shape = Shape("M3.5 11.5 6 4.5h8l2.5 7v4.5h-13zM3.5 11.5H7.5l1 2h3l1-2h4");
pub const DONE: Shape = Shape("M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M7 10.2l2.2 2.2 4-4.6");
pub const TRASH: Shape = Shape("M4.5 6h11M8 6V4h4v2M6 6l.7 10.5h6.6L14 6M8.5 9v4.5M11.5 9v4.5");
pub const SEARCH: Shape = Shape("M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M12.7 12.7 16.5 16.5");
pub const PLUS: Shape = Shape("M10 4.5v11M4.5 10h11");
pub const CHECK: Shape = Shape("M5.5 10.5 8.7 13.7 14.5 7");
pub const CLOSE: Shape = Shape("M5.5 5.5l9 9M14.5 5.5l-9 9");
pub const REPEAT: Shape =
    Shape("M4 9.5V9a3 3 0 0 1 3-3h8M12.5 3.5 15 6l-2.5 2.5M16 10.5v.5a3 3 0 0 1-3 3H5M7.5 16.5 5 14l2.5-2.5");
pub const FLAG: Shape = Shape("M5.5 17V4h9l-2 3.5 2 3.5h-9");
pub const NOTE: Shape = Shape("M5 6h10M5 10h10M5 14h6");
pub const LABEL: Shape = Shape("M3.5 10.5v-6h6l7 7-6 6zM7 8h.01");
pub const PARTS: Shape = Shape("M5 4.5v9a2 2 0 0 0 2 2h2M5 8.5h4M12 7h4v3h-4zM12 14h4v3h-4z");
pub const MENU: Shape = Shape("M4 6h12M4 10h12M4 14h12");
pub const GEAR: Shape = Shape("M4 6.5h6M14 6.5h2M12 4.5v4M4 13.5h2M10 13.5h6M8 11.5v4");
pub const PEOPLE: Shape = Shape(
    "M7.5 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M3 16c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M13 5a2.3 2.3 0 0 1 0 4.6M14 12.2c1.8.4 3 1.8 3 3.8",
);
pub const CHAT: Shape = Shape("M4 4.5h12v9H9.5L6 16.5v-3H4z");
pub const SEND: Shape = Shape("M10 16V4.5M5 9.5l5-5 5 5");
pub const STOP: Shape = Shape("M6 6h8v8H6z");
pub const GROW: Shape = Shape("M11.5 4H16v4.5M16 4l-5 5M8.5 16H4v-4.5M4 16l5-5");
pub const COPY: Shape = Shape("M7.5 7.5h8.5v8.5H7.5zM12.5 7.5V4H4v8.5h3.5");
pub const UNDO: Shape = Shape("M7 5 3.5 8.5 7 12M3.5 8.5h8a4 4 0 0 1 0 8H9");
pub const EDIT: Shape = Shape("M4 16l.8-3.5L13.5 3.8l2.7 2.7L7.5 15.2z");
pub const RETRY: Shape = Shape("M15.5 10a5.5 5.5 0 1 1-1.7-4M14 3v3.2h-3.2");
pub const UP: Shape =
    Shape("M7 9.5v6.5H4V9.5zM7 9.5 10 4c1.2 0 2 .8 1.7 2.2L11.2 8.5H15c.8 0 1.3.7 1.1 1.5l-1.2 5c-.2.6-.6 1-1.3 1H7");
pub const DOWN: Shape = Shape(
    "M7 10.5V4H4v6.5zM7 10.5 10 16c1.2 0 2-.8 1.7-2.2L11.2 11.5H15c.8 0 1.3-.7 1.1-1.5l-1.2-5c-.2-.6-.6-1-1.3-1H7",
);
pub const BACK: Shape = Shape("M12 4.5 6.5 10 12 15.5");
pub const BELOW: Shape = Shape("M10 4.5V15M5 10.5l5 5 5-5");
pub const MORE: Shape = Shape("M5 10h.01M10 10h.01M15 10h.01");
pub const PIN: Shape = Shape("M7 3.5h6l-.7 5 2.2 2.5h-9l2.2-2.5zM10 11v5.5");
pub const MICROPHONE: Shape =
    Shape("M10 3a2 2 0 0 0-2 2v4.5a2 2 0 0 0 4 0V5a2 2 0 0 0-2-2M5.5 9.5a4.5 4.5 0 0 0 9 0M10 14v3");
pub const ASK: Shape = Shape("M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M8 8a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1.1M10 13.5h.01");
pub const ARROW: Shape = Shape("M8 4.5 13.5 10 8 15.5");
pub const KEYS: Shape = Shape("M3 5.5h14v9H3zM6 8.5h.01M9 8.5h.01M12 8.5h.01M14.5 8.5h.01M6.5 11.8h7");

/// Draws an icon.
#[component]
pub fn Icon(of: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d=of.0></path>
        </svg>
    }
}
