//! Databases on a PostgreSQL server: migrated once into a template, which each test gets a copy of.
//!
//! Every test is a process of its own under nextest, so that the template is shared through the server: its name holds
//! a hash of the migrations, and an advisory lock lets one process make it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use valetkey_store::Pool;

use super::{database::options, row::T0};

/// A locale whose order is not that of bytes, so that a test fails where the store relies on the server's locale.
const EMPTY: &str =
    "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'";

const LOCK: i64 = 20_261_121;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A database, dropped with the value.
pub(crate) struct PostgresDatabase {
    pub(crate) url: String,
    name: String,
    server: String,
}

async fn run(conn: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.unwrap();
}

fn url_of(server: &str, database: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(database);
    url.into()
}

fn template_name() -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(file).unwrap().hash(&mut hasher);
    }
    format!("valetkey_template_{:016x}", hasher.finish())
}

/// Makes the template unless it is there. It gets its name when it is complete, so that a crash leaves no half one.
async fn ensure_template(conn: &mut PgConnection, server: &str, name: &str) {
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut *conn).await.unwrap();
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(name);
    if found.fetch_optional(&mut *conn).await.unwrap().is_none() {
        run(conn, "DROP DATABASE IF EXISTS valetkey_template_unfinished".into()).await;
        run(conn, format!("CREATE DATABASE valetkey_template_unfinished {EMPTY}")).await;
        let url = url_of(server, "valetkey_template_unfinished");
        let pool = Pool::connect(&url, &options()).await.unwrap();
        pool.migrate(T0).await.unwrap();
        pool.close().await;
        run(conn, format!("ALTER DATABASE valetkey_template_unfinished RENAME TO {name}")).await;
    }
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(conn).await.unwrap();
}

impl PostgresDatabase {
    pub(crate) async fn cloned(server: &str) -> Self {
        let mut conn = PgConnection::connect(server).await.unwrap();
        let template = template_name();
        ensure_template(&mut conn, server, &template).await;
        Self::create(&mut conn, server, &format!("TEMPLATE {template}")).await
    }

    pub(crate) async fn empty(server: &str) -> Self {
        let mut conn = PgConnection::connect(server).await.unwrap();
        Self::create(&mut conn, server, EMPTY).await
    }

    async fn create(conn: &mut PgConnection, server: &str, how: &str) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("valetkey_test_{}_{count}", std::process::id());
        run(conn, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(conn, format!("CREATE DATABASE {name} {how}")).await;
        Self { url: url_of(server, &name), name, server: server.to_owned() }
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (server, sql) =
            (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        let cleanup = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut conn = PgConnection::connect(&server).await.unwrap();
                run(&mut conn, sql).await;
            });
        });
        drop(cleanup.join());
    }
}
