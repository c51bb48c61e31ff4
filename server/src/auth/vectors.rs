//! What Better Auth 1.7.24 made with a known secret; for the tests of this module.

/// The whole file.
pub fn all() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/better-auth/vectors.json")).expect("JSON")
}
