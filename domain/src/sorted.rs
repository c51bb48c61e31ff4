//! Short lists kept in order. The library's sorts are several kilobytes of page for each type of element.

/// Puts an item where its key belongs; one with a key that is there already is dropped.
pub(crate) fn insert<T, K: Ord>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    if let Err(at) = list.binary_search_by(|other| key(other).cmp(&key(&item))) {
        list.insert(at, item);
    }
}
