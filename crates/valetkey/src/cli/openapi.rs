//! `valetkey openapi`.

use super::output::{Failure, print};

pub(super) fn run() -> Result<(), Failure> {
    print(&format!("{:#}", valetkey_server::openapi::published()))
}
