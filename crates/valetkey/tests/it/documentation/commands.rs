//! The commands of pages, run as a reader would: in their order, in one shell, against a server of their own.

use std::{fmt::Write as _, fs, os::unix::fs::symlink, path::Path, process::Command};

use valetkey_server::docs::{page, pages};

use super::text::{Block, blocks};
use crate::{
    dev::Dev,
    valetkey::{free_port, repository},
};

/// The most blocks that may be marked as not to be run.
const NOT_RUN: usize = 20;

/// What stands before the output of the block on a line.
const MARK: &str = "@@ line ";

/// What a page beyond the tutorial may take for granted; `docs/testing.md` says so.
const PRELUDE: &str = r#"
TOKEN=$(curl --silent --fail-with-body "$SCALEKIT_ENVIRONMENT_URL/oauth/token" --data grant_type=client_credentials \
  --data-urlencode "client_id=$SCALEKIT_CLIENT_ID" --data-urlencode "client_secret=$SCALEKIT_CLIENT_SECRET" |
  jq --raw-output .access_token)
api() { curl --silent --fail-with-body --header "Authorization: Bearer $TOKEN" "$@"; }
for connection in test gmail; do
  valetkey test-provider approve "$(valetkey link create $connection user_123 --json | jq --raw-output .link)"
done
ACCOUNT=$(valetkey account list --connection gmail --json | jq --raw-output '.[0].id')
"#;

/// A test for each page with commands, so that they run side by side and say which page is wrong.
macro_rules! commands_of {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[test]
            fn $name() {
                run($path, page($path).unwrap().markdown);
            }
        )*

        #[test]
        fn each_page_with_commands_has_its_test() {
            let tested = [$($path),*];
            let runs = |markdown| blocks(markdown).iter().any(|block| is_run(block));
            let missing: Vec<&str> =
                pages().iter().filter(|page| runs(page.markdown) != tested.contains(&page.path)).map(|page| page.path).collect();
            assert!(missing.is_empty(), "the list of this test and the pages with commands differ: {missing:?}");
        }
    };
}

commands_of! {
    the_commands_of_the_tutorial_work: "tutorial/first-call.md",
    the_commands_of_connect_google_work: "how-to/connect-google.md",
    the_commands_of_reauthorize_work: "how-to/reauthorize.md",
    the_commands_of_verify_users_work: "how-to/verify-users.md",
    the_commands_of_handle_the_callback_work: "how-to/handle-the-callback.md",
    the_commands_of_test_accounts_work: "how-to/test-accounts.md",
    the_commands_of_many_accounts_work: "how-to/many-accounts.md",
    the_commands_of_watch_accounts_work: "how-to/watch-accounts.md",
    the_commands_of_notify_owners_work: "how-to/notify-owners.md",
    the_commands_of_api_tokens_work: "how-to/api-tokens.md",
    the_commands_of_coding_agents_work: "how-to/coding-agents.md",
    the_commands_of_configure_work: "how-to/configure.md",
    the_commands_of_rotate_keys_work: "how-to/rotate-keys.md",
    the_commands_of_back_up_work: "how-to/back-up.md",
    the_commands_of_upgrade_work: "how-to/upgrade.md",
    the_commands_of_operate_work: "how-to/operate.md",
    the_commands_of_read_logs_work: "how-to/read-logs.md",
    the_commands_of_own_connector_work: "how-to/own-connector.md",
    the_commands_of_import_from_openapi_work: "how-to/import-from-openapi.md",
    the_commands_of_the_proxy_work: "reference/proxy.md",
    the_commands_of_the_test_provider_work: "reference/test-provider.md",
}

#[test]
fn what_is_not_run_says_why_and_is_little() {
    let mut count = 0;
    for page in pages() {
        for block in blocks(page.markdown) {
            let Some(reason) = block.not_run() else { continue };
            assert!(reason.len() > 10, "{}:{} is not run and does not say why", page.path, block.line);
            count += 1;
        }
    }
    assert!(count <= NOT_RUN, "{count} blocks are not run; at most {NOT_RUN} may be");
}

fn is_run(block: &Block) -> bool {
    block.language() == "sh" && block.not_run().is_none()
}

#[test]
fn the_commands_of_the_skill_work() {
    let path = "plugins/valetkey/skills/valetkey/references/rest.md";
    run(path, &fs::read_to_string(repository().join(path)).unwrap());
}

fn run(path: &str, markdown: &str) {
    let blocks = blocks(markdown);
    let root = tempfile::tempdir().unwrap();
    let dev = Dev::start(&root.path().join(".valetkey"), [free_port(), free_port()]);
    let said = shell(root.path(), &dev, &script(path, &blocks));
    dev.stop();
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.language() == "output") {
        let command = blocks[..at].iter().rev().find(|block| block.language() != "output").unwrap();
        let printed = said.split(MARK).find_map(|part| part.strip_prefix(&format!("{}\n", command.line)));
        for line in block.text.lines() {
            let printed = printed.unwrap_or_default();
            assert!(
                printed.contains(line.trim()),
                "{path}:{} did not print {line:?}, but\n{printed}",
                command.line
            );
        }
    }
}

/// The commands of a page, each block with its line before it.
fn script(path: &str, blocks: &[Block]) -> String {
    let mut script = "set -euo pipefail\nexec 2>&1\n".to_owned();
    if !path.starts_with("tutorial/") {
        script.push_str(PRELUDE);
    }
    for block in blocks.iter().filter(|block| is_run(block)) {
        write!(script, "echo; echo '{MARK}{}'\n{}\n", block.line, block.text).unwrap();
    }
    script + "echo; echo '@@ end'\n"
}

/// Runs a script in `root`, where it finds the command and the variables of the server. Returns what it printed.
fn shell(root: &Path, dev: &Dev, script: &str) -> String {
    let programs = root.join("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_valetkey"), programs.join("valetkey")).unwrap();
    let exports = dev.exports();
    let (data, home) = (root.join(".valetkey"), root.join("home"));
    let file = |name: &str| data.join(name).display().to_string();
    let provider = exports["VALETKEY_TEST_PROVIDER_URL"].trim_start_matches("http://").to_owned();
    let work = root.join("work");
    fs::create_dir(&work).unwrap();
    symlink(&data, work.join(".valetkey")).unwrap();
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(&work)
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()))
        .env("HOME", home)
        .env("REPOSITORY", repository())
        .env("VALETKEY_SERVER_PUBLIC_URL", &exports["SCALEKIT_ENVIRONMENT_URL"])
        .env("VALETKEY_DATABASE_URL", format!("sqlite:{}", file("valetkey.db")))
        .env("VALETKEY_ENCRYPTION_KEY_FILE", file("encryption.key"))
        .env("VALETKEY_TLS_CERTIFICATE_FILE", file("tls.pem"))
        .env("VALETKEY_TLS_KEY_FILE", file("tls.key"))
        .env("VALETKEY_EGRESS_ALLOW", format!("any={provider}"))
        .envs(&exports)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.ends_with("@@ end\n"), "the commands failed:\n{said}");
    said
}
