//! How Better Auth's five tables keep dates: as text on SQLite, as `timestamptz` on PostgreSQL.
//!
//! Every query on them binds and reads integer milliseconds and lets the database convert, so one chain of binds serves
//! both engines; [`sql!`] writes both texts.

use jiff::Timestamp;

/// One text for each engine, from literals and two words: `at(n)` is the `n`th parameter, milliseconds, as a stored
/// date; `millis(column)` is a stored date as milliseconds.
macro_rules! sql {
    (@$engine:ident [$($done:expr,)*]) => { concat!($($done),*) };
    (@sqlite [$($done:expr,)*] at($n:literal) $($rest:tt)*) => {
        $crate::store::better_auth::sql!(@sqlite [$($done,)* "strftime('%Y-%m-%dT%H:%M:%fZ', $", $n, " / 1000.0, 'unixepoch')",] $($rest)*)
    };
    (@postgres [$($done:expr,)*] at($n:literal) $($rest:tt)*) => {
        $crate::store::better_auth::sql!(@postgres [$($done,)* "to_timestamp($", $n, "::double precision / 1000.0)",] $($rest)*)
    };
    (@sqlite [$($done:expr,)*] millis($column:literal) $($rest:tt)*) => {
        $crate::store::better_auth::sql!(@sqlite [$($done,)* "cast(round((julianday(", $column, ") - 2440587.5) * 86400000.0) as integer)",] $($rest)*)
    };
    (@postgres [$($done:expr,)*] millis($column:literal) $($rest:tt)*) => {
        $crate::store::better_auth::sql!(@postgres [$($done,)* "cast(round(extract(epoch from ", $column, ") * 1000) as bigint)",] $($rest)*)
    };
    (@$engine:ident [$($done:expr,)*] $text:literal $($rest:tt)*) => {
        $crate::store::better_auth::sql!(@$engine [$($done,)* $text,] $($rest)*)
    };
    ($($part:tt)*) => {
        $crate::store::Sql {
            sqlite: $crate::store::better_auth::sql!(@sqlite [] $($part)*),
            postgres: $crate::store::better_auth::sql!(@postgres [] $($part)*),
        }
    };
}
pub(super) use sql;

/// An instant as JavaScript's `toISOString` writes it: what Better Auth's JSON carries.
pub fn iso(millis: i64) -> String {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
