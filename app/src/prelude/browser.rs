//! Views whose type is forgotten, in the browser: built, taken over and changed through one table of functions each.

use leptos::{
    attr::any_attribute::AnyAttribute,
    prelude::*,
    tachys::{
        hydration::Cursor,
        renderer::types,
        view::{Mountable, Position, PositionState},
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

/// What stands of a view, and the type of that.
pub struct State {
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

/// A view.
pub struct Inner(Box<dyn Erased>);

impl Inner {
    pub fn of<V: RenderHtml + 'static>(view: V) -> Self {
        Self(Box::new(view))
    }

    pub fn html_len(&self) -> usize {
        0
    }

    pub fn write(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {
        unreachable!("only the server does that");
    }

    pub fn build(self) -> State {
        State { kind: self.0.kind(), standing: self.0.build() }
    }

    pub fn rebuild(self, state: &mut State) {
        if self.0.kind() == state.kind {
            self.0.rebuild(&mut *state.standing);
            return;
        }
        let mut other = self.build();
        state.insert_before_this(&mut other);
        state.unmount();
        *state = other;
    }

    pub fn hydrate(self, cursor: &Cursor, position: &PositionState) -> State {
        State { kind: self.0.kind(), standing: self.0.hydrate(cursor, position) }
    }
}
