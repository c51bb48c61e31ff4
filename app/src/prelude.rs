//! Leptos's prelude, with a cheaper `into_any`.
//!
//! Leptos compiles a dozen functions for each view whose type is forgotten, for all that may be asked of it anywhere.
//! Here each costs what is asked of it where it is: the server writes it, the browser builds it, takes it over and changes
//! it. Both do that at once: what a page needs is in the document it came with. The exception is the router.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
mod server;

#[cfg(feature = "hydrate")]
use browser::{Inner, State};
use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    tachys::{
        hydration::Cursor,
        view::{Position, PositionState},
    },
};
#[cfg(not(feature = "hydrate"))]
use server::{Inner, State};

pub use leptos::prelude::*;

/// Forgets a view's type.
pub trait IntoAny {
    /// The view, as any view. Nothing in it may wait when it is written.
    fn into_any(self) -> AnyView;

    /// The same for a view that waits: the router does, and keeps its page until the title is written, which comes last.
    fn into_any_waiting(self) -> AnyView;
}

impl<V: RenderHtml + 'static> IntoAny for V {
    fn into_any(self) -> AnyView {
        let view = Inner::of(self);
        if V::EXISTS {
            leptos::prelude::IntoAny::into_any(Forgotten::<true>(view))
        } else {
            leptos::prelude::IntoAny::into_any(Forgotten::<false>(view))
        }
    }

    #[cfg(feature = "hydrate")]
    fn into_any_waiting(self) -> AnyView {
        IntoAny::into_any(self)
    }

    #[cfg(not(feature = "hydrate"))]
    fn into_any_waiting(self) -> AnyView {
        leptos::prelude::IntoAny::into_any(self)
    }
}

/// A view of any type. `EXISTS` as its own, which decides whether Leptos marks its place.
struct Forgotten<const EXISTS: bool>(Inner);

impl<const EXISTS: bool> Render for Forgotten<EXISTS> {
    type State = State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.0.rebuild(state);
    }
}

impl<const EXISTS: bool> AddAnyAttr for Forgotten<EXISTS> {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        unreachable!("any view keeps its further attributes itself");
    }
}

impl<const EXISTS: bool> RenderHtml for Forgotten<EXISTS> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;
    const EXISTS: bool = EXISTS;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self::AsyncOutput {
        self
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.write(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.0.hydrate(cursor, position)
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}
