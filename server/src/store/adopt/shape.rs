//! What Better Auth's five tables look like, as a table of data.

/// One of the five.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its name with `usePlural`.
    pub plural: &'static str,
    /// Its columns, the identifying ones first.
    pub columns: &'static [Column],
}

/// A column of one of the five.
#[derive(Debug)]
pub struct Column {
    /// Better Auth's name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether older versions lack it.
    pub need: Need,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A row's id, or another table's.
    Key,
    /// Text.
    Text,
    /// Yes or no.
    Flag,
    /// An instant.
    Date,
}

/// Whether a column has to be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Without it the table is another program's.
    Always,
    /// Some version or option does without; it is added, empty.
    Added,
    /// As `Added`, and then holds what the row's `expiresAt` says.
    Expiry,
}

const fn column(name: &'static str, kind: Kind, need: Need) -> Column {
    Column { name, kind, need }
}

use Kind::{Date, Flag, Key, Text};
use Need::{Added, Always, Expiry};

/// The five. A table that lacks an `Always` column is not Better Auth's.
pub const TABLES: &[Table] = &[
    Table {
        name: "user",
        plural: "users",
        columns: &[
            column("id", Key, Always),
            column("name", Text, Always),
            column("email", Text, Always),
            column("emailVerified", Flag, Always),
            column("image", Text, Added),
            column("createdAt", Date, Always),
            column("updatedAt", Date, Always),
        ],
    },
    Table {
        name: "session",
        plural: "sessions",
        columns: &[
            column("id", Key, Always),
            column("expiresAt", Date, Always),
            column("token", Text, Always),
            column("createdAt", Date, Always),
            column("updatedAt", Date, Always),
            column("ipAddress", Text, Added),
            column("userAgent", Text, Added),
            column("userId", Key, Always),
        ],
    },
    Table {
        name: "account",
        plural: "accounts",
        columns: &[
            column("id", Key, Always),
            column("accountId", Text, Always),
            column("providerId", Text, Always),
            column("userId", Key, Always),
            column("accessToken", Text, Added),
            column("refreshToken", Text, Added),
            column("idToken", Text, Added),
            column("accessTokenExpiresAt", Date, Added),
            column("refreshTokenExpiresAt", Date, Added),
            column("scope", Text, Added),
            column("password", Text, Added),
            column("createdAt", Date, Always),
            column("updatedAt", Date, Always),
        ],
    },
    Table {
        name: "verification",
        plural: "verifications",
        columns: &[
            column("id", Key, Always),
            column("identifier", Text, Always),
            column("value", Text, Always),
            column("expiresAt", Date, Always),
            column("createdAt", Date, Expiry),
            column("updatedAt", Date, Expiry),
        ],
    },
    Table {
        name: "jwks",
        plural: "jwkss",
        columns: &[
            column("id", Key, Always),
            column("publicKey", Text, Always),
            column("privateKey", Text, Always),
            column("createdAt", Date, Always),
            column("expiresAt", Date, Added),
            column("alg", Text, Added),
            column("crv", Text, Added),
        ],
    },
];

/// A required column beyond those that inserts know how to fill: better-auth 1.7.0 to 1.7.2 had it.
pub const ISSUER: &str = "issuer";
/// Columns that have to be unique: two pods may write at once.
pub const UNIQUE: &[(&str, &str)] = &[("user", "email"), ("session", "token")];
