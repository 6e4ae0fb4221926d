//! A database with an environment, a connection and an account in it.

use valetkey_store::{
    Tx, account, account::Account, connection, connection::Connection, environment, link, link::Link,
};

use super::{Database, row};

pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) environment: environment::Environment,
    pub(crate) connection: Connection,
    pub(crate) account: Account,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Database::new().await).await
    }

    pub(crate) async fn on(db: Database) -> Self {
        let environment = row::environment("dev");
        let connection = row::connection(&environment.id, "Gmail", "GMAIL");
        let account = row::account(&connection, "user_1");
        let mut tx = db.pool.begin().await.unwrap();
        environment::insert(&mut tx, &environment).await.unwrap();
        connection::insert(&mut tx, &connection).await.unwrap();
        assert!(account::insert_if_absent(&mut tx, &account).await.unwrap());
        tx.commit().await.unwrap();
        Self { db, environment, connection, account }
    }

    pub(crate) async fn tx(&self) -> Tx {
        self.db.pool.begin().await.unwrap()
    }

    pub(crate) async fn reader(&self) -> valetkey_store::Reader {
        self.db.pool.read().await.unwrap()
    }

    /// Adds another connection.
    pub(crate) async fn add_connection(&self, name: &str, connector: &str) -> Connection {
        let connection = row::connection(&self.environment.id, name, connector);
        let mut tx = self.tx().await;
        connection::insert(&mut tx, &connection).await.unwrap();
        tx.commit().await.unwrap();
        connection
    }

    /// Adds accounts, changed by `change` before they are written.
    pub(crate) async fn add_accounts(
        &self,
        connection: &Connection,
        identifiers: &[&str],
        change: impl Fn(&mut Account),
    ) -> Vec<Account> {
        let mut added = vec![];
        let mut tx = self.tx().await;
        for identifier in identifiers {
            let mut account = row::account(connection, identifier);
            change(&mut account);
            assert!(account::insert_if_absent(&mut tx, &account).await.unwrap());
            added.push(account);
        }
        tx.commit().await.unwrap();
        added
    }

    /// Adds a link for the account.
    pub(crate) async fn add_link(&self) -> Link {
        let link = row::link(&self.account);
        let mut tx = self.tx().await;
        link::insert(&mut tx, &link).await.unwrap();
        tx.commit().await.unwrap();
        link
    }
}
