//! Leptos's prelude, with a cheaper `into_any`.
//!
//! Leptos keeps two ways for the browser to take over a view whose type is forgotten: at once, and in steps that wait for
//! data within. The second is a state machine per view and was a seventh of the page's WebAssembly. Nothing here waits
//! inside a view (what a page needs is in the document it came with), so this `into_any` leaves it out. A view that does
//! wait, `Suspense` for one, must not stand inside it.

pub use leptos::prelude::*;

/// Forgets a view's type.
pub trait IntoAny {
    /// The view, as any view.
    fn into_any(self) -> AnyView;
}

#[cfg(not(feature = "hydrate"))]
impl<V: leptos::prelude::IntoAny> IntoAny for V {
    fn into_any(self) -> AnyView {
        leptos::prelude::IntoAny::into_any(self)
    }
}

#[cfg(feature = "hydrate")]
impl<V: RenderHtml + Send + 'static> IntoAny for V {
    fn into_any(self) -> AnyView {
        leptos::prelude::IntoAny::into_any(browser::AtOnce(self))
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{
        attr::{Attribute, any_attribute::AnyAttribute},
        prelude::*,
        tachys::{
            hydration::Cursor,
            ssr::StreamBuilder,
            view::{Position, PositionState, add_attr::AddAnyAttr},
        },
    };

    /// A view that keeps the provided `hydrate_async`, which is `hydrate`.
    pub struct AtOnce<V>(pub V);

    impl<V: Render> Render for AtOnce<V> {
        type State = V::State;

        fn build(self) -> Self::State {
            self.0.build()
        }

        fn rebuild(self, state: &mut Self::State) {
            self.0.rebuild(state);
        }
    }

    impl<V: AddAnyAttr> AddAnyAttr for AtOnce<V> {
        type Output<A: Attribute> = AtOnce<V::Output<A>>;

        fn add_any_attr<A: Attribute>(self, attr: A) -> Self::Output<A>
        where
            Self::Output<A>: RenderHtml,
        {
            AtOnce(self.0.add_any_attr(attr))
        }
    }

    impl<V: RenderHtml> RenderHtml for AtOnce<V> {
        type AsyncOutput = V::AsyncOutput;
        type Owned = AtOnce<V::Owned>;

        const MIN_LENGTH: usize = V::MIN_LENGTH;
        const EXISTS: bool = V::EXISTS;

        fn dry_resolve(&mut self) {
            self.0.dry_resolve();
        }

        async fn resolve(self) -> Self::AsyncOutput {
            self.0.resolve().await
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
            self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
        }

        fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
            self,
            buf: &mut StreamBuilder,
            position: &mut Position,
            escape: bool,
            mark_branches: bool,
            extra_attrs: Vec<AnyAttribute>,
        ) {
            self.0.to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, extra_attrs);
        }

        fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
            self.0.hydrate::<FROM_SERVER>(cursor, position)
        }

        fn into_owned(self) -> Self::Owned {
            AtOnce(self.0.into_owned())
        }
    }
}
