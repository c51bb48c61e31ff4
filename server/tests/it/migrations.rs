//! Both engines have the same tables and columns, and migrating is safe to repeat and to race.

use crate::postgres;
use server::{
    clock::SystemClock,
    config::{Database, Secret},
    store::Store,
};
use sqlx::Connection as _;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_shared_database_says_what_time_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let lite = Store::open(&Database::Sqlite(folder.path().join("x.db")), 2).await.expect("opens");
    assert_eq!(lite.time().await.expect("answers"), None);
    let shared = Store::open(&Database::Postgres(Secret::new(postgres::fresh().await)), 2).await.expect("opens");
    let time = shared.time().await.expect("answers").expect("a time");
    // Both run on this machine.
    assert_eq!(SystemClock::default().follow(time), None);
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.db");
    let lite = Store::open(&Database::Sqlite(file.clone()), 2).await.expect("opens");
    lite.migrate(0).await.expect("migrates");
    lite.close().await;
    let mut conn = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.expect("opens");
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'task_search%'",
    )
    .fetch_all(&mut conn)
    .await
    .expect("columns");
    let lite: BTreeSet<_> = columns.into_iter().collect();

    let mut conn = sqlx::PgConnection::connect(&postgres::fresh().await).await.expect("connects");
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'",
    )
    .fetch_all(&mut conn)
    .await
    .expect("columns");
    let postgres: BTreeSet<_> = columns.into_iter().collect();
    assert_eq!(lite, postgres);
    assert!(lite.len() > 150, "{}", lite.len());
}

#[tokio::test]
async fn two_processes_migrate_once_on_postgres() {
    let url = Database::Postgres(Secret::new(postgres::empty().await));
    race(&url).await;
}

#[tokio::test]
async fn two_processes_migrate_once_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    race(&Database::Sqlite(folder.path().join("x.db"))).await;
}

async fn race(database: &Database) {
    let stores = futures::future::join_all((0..4).map(|_| Store::open(database, 2))).await;
    let stores: Vec<Store> = stores.into_iter().map(|s| s.expect("opens")).collect();
    let did = futures::future::join_all(stores.iter().map(|s| s.migrate(0))).await;
    let did: Vec<_> = did.into_iter().map(|d| d.expect("migrates")).collect();
    assert_eq!(did.iter().map(Vec::len).sum::<usize>(), server::store::MIGRATION_COUNT, "{did:?}");
    assert_eq!(stores[0].schema_number().await.expect("a number"), server::store::newest_migration());
}
