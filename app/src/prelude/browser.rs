//! Views whose type is forgotten, in the browser: built, taken over and changed through one table of functions each.

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::*,
    tachys::{
        hydration::Cursor,
        renderer::types,
        view::{Mountable, Position, PositionState, add_attr::AddAnyAttr},
    },
};
use std::any::{Any, TypeId};

/// What stands in the document.
trait Standing: Mountable + Any {}

impl<S: Mountable + Any> Standing for S {}

/// What can be asked of a view of any type.
trait Erased: Send {
    fn kind(&self) -> TypeId;
    fn build(self: Box<Self>) -> Box<dyn Standing>;
    /// Changes what stands, which was made of a view of the same type.
    fn rebuild(self: Box<Self>, standing: &mut dyn Any);
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Standing>;
}

impl<V: RenderHtml + 'static> Erased for V {
    fn kind(&self) -> TypeId {
        TypeId::of::<V>()
    }

    fn build(self: Box<Self>) -> Box<dyn Standing> {
        Box::new(Render::build(*self))
    }

    fn rebuild(self: Box<Self>, standing: &mut dyn Any) {
        if let Some(state) = standing.downcast_mut() {
            Render::rebuild(*self, state);
        }
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn Standing> {
        Box::new(RenderHtml::hydrate::<true>(*self, cursor, position))
    }
}

/// A view. `EXISTS` as its own, which decides whether Leptos marks its place.
struct Held<const EXISTS: bool>(Box<dyn Erased>);

pub fn forget<V: RenderHtml + 'static>(view: V) -> AnyView {
    let view = Box::new(view);
    if V::EXISTS { IntoAny::into_any(Held::<true>(view)) } else { IntoAny::into_any(Held::<false>(view)) }
}

/// What stands of a view, and the type of that.
struct State {
    kind: TypeId,
    standing: Box<dyn Standing>,
}

impl Mountable for State {
    fn unmount(&mut self) {
        self.standing.unmount();
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        self.standing.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.standing.insert_before_this(child)
    }

    fn elements(&self) -> Vec<types::Element> {
        self.standing.elements()
    }
}

impl<const EXISTS: bool> Render for Held<EXISTS> {
    type State = State;

    fn build(self) -> Self::State {
        State { kind: self.0.kind(), standing: self.0.build() }
    }

    fn rebuild(self, state: &mut Self::State) {
        if self.0.kind() == state.kind {
            self.0.rebuild(&mut *state.standing);
            return;
        }
        let mut other = Render::build(self);
        state.insert_before_this(&mut other);
        state.unmount();
        *state = other;
    }
}

impl<const EXISTS: bool> AddAnyAttr for Held<EXISTS> {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        unreachable!("any view keeps its further attributes itself and gives them to the elements");
    }
}

impl<const EXISTS: bool> RenderHtml for Held<EXISTS> {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;
    const EXISTS: bool = EXISTS;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self::AsyncOutput {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {
        unreachable!("only the server does that");
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        State { kind: self.0.kind(), standing: self.0.hydrate(cursor, position) }
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}
