//! `valetkey connector import`.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};

use crate::valetkey::{Place, Ran, complaint, out, repository, run};

fn fixture(name: &str) -> PathBuf {
    repository().join("crates/valetkey-core/tests/openapi/fixtures").join(name)
}

fn import(place: &Place, source: &str, more: &[&str]) -> Ran {
    let directory = place.path("connectors");
    run(&mut place
        .command(&[&["connector", "import", "openapi", source, "--out", &directory], more].concat()))
}

/// Answers each request with `head` and `body`, at an address of this machine.
fn serve(head: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let length = body.len();
            let _ =
                write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(&body);
        }
    });
    format!("http://{address}")
}

#[test]
fn an_import_is_written_told_and_valid() {
    let place = Place::new();
    let source = fixture("pets.yaml").display().to_string();
    let ran = import(&place, &source, &["--slug", "paws"]);
    assert!(ran.success, "{}", ran.err);
    assert!(
        ran.out.contains(&format!("wrote {}", place.path("connectors/paws/tools/photos.yaml"))),
        "{}",
        ran.out
    );
    assert!(
        ran.out.ends_with("paws: 8 operations, 7 tools, 1 skipped, 2 things left out of tools\n"),
        "{}",
        ran.out
    );
    let skipped = format!("{source}: HEAD /pets/{{petId}} (hasPet): skipped: tools have no such method\n");
    assert!(ran.err.contains(&skipped), "{}", ran.err);
    let checked = out(&["connector", "check", &place.path("connectors")]);
    assert_eq!(checked, "1 definition is valid, and so are 2 files of tools\n");
    assert_eq!(out(&["connector", "check", &place.path("connectors/paws/connector.yaml")]), checked);
}

#[test]
fn what_a_person_has_edited_is_not_overwritten_unless_told_to() {
    let place = Place::new();
    let source = fixture("payments.json").display().to_string();
    assert!(import(&place, &source, &[]).success);
    let file = place.path("connectors/paylane/tools/charges.yaml");
    fs::write(&file, "mine").unwrap();
    let refused = import(&place, &source, &[]);
    assert!(
        !refused.success && refused.err.contains("is there already; --force writes over it"),
        "{}",
        refused.err
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(import(&place, &source, &["--force"]).success);
    assert!(fs::read_to_string(&file).unwrap().contains("paylane_post_charges"));
}

#[test]
fn a_fault_in_an_edited_tool_is_reported_with_its_line() {
    let place = Place::new();
    assert!(import(&place, &fixture("payments.json").display().to_string(), &[]).success);
    let file = place.path("connectors/paylane/tools/refunds.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("effect: write", "effect: wreck")).unwrap();
    let line = text.lines().position(|line| line.contains("effect: write")).unwrap() + 1;
    let said = complaint(&["connector", "check", &place.path("connectors")]);
    assert!(said.starts_with(&format!("error: {file}:{line}:")) && said.contains("wreck"), "{said}");
}

#[test]
fn an_operator_can_serve_what_was_imported() {
    let place = Place::new();
    assert!(
        import(&place, &fixture("issues.yaml").display().to_string(), &["--tags", "issues", "--max", "2"])
            .success
    );
    let mut list = place.command(&["connector", "list"]);
    let listed = run(list.env("VALETKEY_CONNECTORS_DIRECTORY", place.path("connectors")));
    assert!(listed.success && listed.out.contains("trackwell"), "{}{}", listed.out, listed.err);
}

#[test]
fn a_document_that_cannot_be_imported_leaves_nothing_behind() {
    let place = Place::new();
    for (text, reason) in [
        ("swagger: '2.0'", "convert it to OpenAPI 3 first"),
        ("openapi: 3.0.0\npaths: {}", "--slug must be given"),
        (
            "openapi: 3.0.0\ninfo: {title: A}\npaths: {/a: {head: {}}}",
            "no operation of the document can be imported",
        ),
        ("[", "neither JSON nor YAML"),
    ] {
        place.write("document.yaml", text, 0o600);
        let ran = import(&place, &place.path("document.yaml"), &[]);
        assert!(!ran.success && ran.err.contains(reason), "{}", ran.err);
    }
    assert!(import(&place, "/nowhere.yaml", &[]).err.contains("/nowhere.yaml cannot be read"));
    assert!(!Path::new(&place.path("connectors")).exists());
}

#[test]
fn t72_an_address_of_this_machine_is_called_only_where_the_settings_allow_it_for_documents() {
    let place = Place::new();
    let address = serve("200 OK", fs::read(fixture("shapes.yaml")).unwrap());
    let source = format!("{address}/openapi.yaml");
    let fetch = |allow: &str| {
        let mut command =
            place.command(&["connector", "import", "openapi", &source, "--out", &place.path("connectors")]);
        run(command.env("VALETKEY_EGRESS_ALLOW", allow))
    };
    let refused = fetch("api=127.0.0.1");
    assert!(!refused.success && refused.err.contains("add \"spec=127.0.0.1:"), "{}", refused.err);
    let allowed = fetch("spec=127.0.0.1");
    assert!(
        allowed.success && allowed.out.contains("shapesofthings: 5 operations, 3 tools"),
        "{}",
        allowed.err
    );
}

#[test]
fn where_settings_are_not_complete_a_refusal_says_that_they_are_not_used() {
    let address = serve("200 OK", Vec::new());
    let said = complaint(&["connector", "import", "openapi", &address]);
    assert!(said.contains("add \"spec=127.0.0.1:") && said.contains("the settings are not used: "), "{said}");
}

#[test]
fn a_redirect_of_a_document_is_not_followed_and_a_long_one_not_read() {
    let place = Place::new();
    let fetch = |address: String| {
        let mut command = place.command(&["connector", "import", "openapi", &address]);
        run(command.env("VALETKEY_EGRESS_ALLOW", "spec=127.0.0.1")).err
    };
    let moved = fetch(serve("302 Found\r\nlocation: http://169.254.169.254/", Vec::new()));
    assert!(moved.contains("redirects to http://169.254.169.254/"), "{moved}");
    let long = fetch(serve("200 OK", vec![b' '; 20 * 1024 * 1024 + 1]));
    assert!(long.contains("longer than 20971520 bytes"), "{long}");
    assert!(fetch(serve("404 Not Found", Vec::new())).contains("answered with 404"));
}
