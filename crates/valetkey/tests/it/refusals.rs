//! What `serve` refuses, each with one sentence that says what to set.

use std::process::Command;

use crate::valetkey::{KEY, Place, run};

/// Starts the server and returns the one line of its complaint.
fn refusal(serve: &mut Command) -> String {
    let ran = run(serve);
    assert!(!ran.success && ran.out.is_empty(), "{}", ran.out);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    ran.err.trim_end().to_owned()
}

#[test]
fn t81_the_server_does_not_start_without_an_encryption_key() {
    let said = refusal(Place::new().command(&["serve"]).env_remove("VALETKEY_ENCRYPTION_KEY_FILE"));
    assert!(said.starts_with("error: no encryption key is set; "), "{said}");
    assert!(said.contains("VALETKEY_ENCRYPTION_KEY_FILE"), "{said}");
}

#[test]
fn t81_the_server_does_not_start_with_two_encryption_keys() {
    let said = refusal(Place::new().command(&["serve"]).env("VALETKEY_ENCRYPTION_KEY", KEY));
    assert!(said.contains("both set; set only one"), "{said}");
}

#[test]
fn t81_the_server_does_not_start_with_a_key_file_that_cannot_be_read() {
    let place = Place::new();
    let said = refusal(place.command(&["serve"]).env("VALETKEY_ENCRYPTION_KEY_FILE", place.path("none")));
    assert!(said.contains("encryption.key_file") && said.contains("cannot be read"), "{said}");
}

#[test]
fn t81_the_server_does_not_start_with_a_key_of_another_length() {
    for text in ["", "MDEyMzQ1Njc4OQ==", "not base64 at all", &format!("{KEY}{KEY}")] {
        let place = Place::new();
        place.write("encryption.key", text, 0o600);
        let said = refusal(&mut place.command(&["serve"]));
        assert!(said.contains("does not hold a key") && said.contains("openssl rand"), "{said}");
        assert!(text.is_empty() || !said.contains(text), "{said}");
    }
}

#[test]
fn t81_the_server_does_not_start_with_a_key_file_that_others_can_read() {
    for mode in [0o640, 0o604, 0o644] {
        let place = Place::new();
        place.write("encryption.key", KEY, mode);
        assert!(refusal(&mut place.command(&["serve"])).contains("chmod 600"), "{mode:o}");
    }
}

#[test]
fn t81_the_server_does_not_start_with_a_public_url_that_is_neither_https_nor_loopback() {
    let said = refusal(
        Place::new().command(&["serve"]).env("VALETKEY_SERVER_PUBLIC_URL", "http://connect.example.com"),
    );
    assert!(said.contains("server.public_url must be an https address"), "{said}");
    assert!(said.contains("VALETKEY_SERVER_PUBLIC_URL"), "{said}");
}

#[test]
fn the_server_does_not_start_without_a_public_url() {
    let said = refusal(Place::new().command(&["serve"]).env_remove("VALETKEY_SERVER_PUBLIC_URL"));
    assert!(said.contains("server.public_url is not set; set it"), "{said}");
}

#[test]
fn the_server_does_not_start_without_a_certificate_unless_a_proxy_ends_tls() {
    let said = refusal(Place::new().command(&["serve"]).env_remove("VALETKEY_TLS_MODE"));
    assert!(said.contains("tls.certificate_file") && said.contains("terminated_by_proxy"), "{said}");
}

#[test]
fn the_server_does_not_start_on_a_database_of_a_newer_schema() {
    let place = Place::new();
    assert!(run(&mut place.command(&["migrate"])).success);
    let raise = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); \
                 db.execute('insert into schema_migrations select 9999, name, checksum, applied_at \
                 from schema_migrations limit 1'); db.commit()";
    assert!(
        Command::new("python3").args(["-c", raise, &place.path("valetkey.db")]).status().unwrap().success()
    );
    let said = refusal(&mut place.command(&["serve"]));
    assert!(said.contains("schema version 9999") && said.contains("start the newer program"), "{said}");
}

#[test]
fn the_server_does_not_start_on_a_port_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refusal(Place::new().command(&["serve"]).env("VALETKEY_SERVER_LISTEN", &address));
    assert!(said.contains("server.listen") && said.contains(&address), "{said}");
}
