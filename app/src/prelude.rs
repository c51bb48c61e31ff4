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
use browser::forget;
#[cfg(not(feature = "hydrate"))]
use server::forget;

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
        forget(self)
    }

    #[cfg(feature = "hydrate")]
    fn into_any_waiting(self) -> AnyView {
        forget(self)
    }

    #[cfg(not(feature = "hydrate"))]
    fn into_any_waiting(self) -> AnyView {
        leptos::prelude::IntoAny::into_any(self)
    }
}
