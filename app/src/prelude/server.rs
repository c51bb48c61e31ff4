//! Views whose type is forgotten, on the server: what writes them, and nothing else.

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::*,
    tachys::{
        hydration::Cursor,
        view::{Position, PositionState, add_attr::AddAnyAttr},
    },
};

type Write = Box<dyn FnOnce(&mut String, &mut Position, bool, bool, Vec<AnyAttribute>) + Send>;

/// What writes a view. `EXISTS` as the view's own, which decides whether Leptos marks its place.
struct Written<const EXISTS: bool> {
    write: Write,
    /// An estimate.
    len: usize,
}

pub fn forget<V: RenderHtml + 'static>(view: V) -> AnyView {
    let len = view.html_len();
    let write: Write = Box::new(move |html, position, escape, mark_branches, attributes| {
        view.to_html_with_buf(html, position, escape, mark_branches, attributes);
    });
    if V::EXISTS {
        IntoAny::into_any(Written::<true> { write, len })
    } else {
        IntoAny::into_any(Written::<false> { write, len })
    }
}

/// There are no elements here.
const ELSEWHERE: &str = "only a browser does that";

impl<const EXISTS: bool> Render for Written<EXISTS> {
    type State = ();

    fn build(self) -> Self::State {
        unreachable!("{ELSEWHERE}");
    }

    fn rebuild(self, (): &mut Self::State) {
        unreachable!("{ELSEWHERE}");
    }
}

impl<const EXISTS: bool> AddAnyAttr for Written<EXISTS> {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        unreachable!("any view keeps its further attributes itself and gives them to what writes it");
    }
}

impl<const EXISTS: bool> RenderHtml for Written<EXISTS> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;
    const EXISTS: bool = EXISTS;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self::AsyncOutput {
        self
    }

    fn html_len(&self) -> usize {
        self.len
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        (self.write)(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Self::State {
        unreachable!("{ELSEWHERE}");
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}
