//! Views whose type is forgotten, on the server: what writes them, and nothing else.

use leptos::{
    attr::any_attribute::AnyAttribute,
    prelude::*,
    tachys::{
        hydration::Cursor,
        view::{Position, PositionState},
    },
};

type Write = Box<dyn FnOnce(&mut String, &mut Position, bool, bool, Vec<AnyAttribute>) + Send>;

/// There are no elements here.
const ELSEWHERE: &str = "only a browser does that";

/// What stands of a view: nothing, ever.
pub type State = Option<()>;

/// What writes a view.
pub struct Inner {
    write: Write,
    /// An estimate.
    len: usize,
}

impl Inner {
    pub fn of<V: RenderHtml + 'static>(view: V) -> Self {
        let len = view.html_len();
        let write: Write = Box::new(move |html, position, escape, mark_branches, attributes| {
            view.to_html_with_buf(html, position, escape, mark_branches, attributes);
        });
        Self { write, len }
    }

    pub fn html_len(&self) -> usize {
        self.len
    }

    pub fn write(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        attributes: Vec<AnyAttribute>,
    ) {
        (self.write)(html, position, escape, mark_branches, attributes);
    }

    pub fn build(self) -> State {
        unreachable!("{ELSEWHERE}");
    }

    pub fn rebuild(self, _: &mut State) {
        unreachable!("{ELSEWHERE}");
    }

    pub fn hydrate(self, _: &Cursor, _: &PositionState) -> State {
        unreachable!("{ELSEWHERE}");
    }
}
