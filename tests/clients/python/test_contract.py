"""The OpenAPI document against the server: requests made from it by a program, right ones and wrong ones."""

import os
import subprocess
import sys

import pytest
from conftest import Access
from openapi_spec_validator import validate

SECONDS = int(os.environ.get("VALETKEY_FUZZ_SECONDS", "60"))
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def tenant():
    """A client of an environment that nobody else uses: what is made up here deletes connections, too."""
    return Access("VALETKEY_TEST_GENERATED_").rest()


@pytest.fixture(scope="module")
def known(tenant):
    """Ids that exist, so that not every request ends with 404."""
    connection = tenant.get("/api/v1/connections/app").json()["connections"][0]
    body = {"connector": connection["key_id"], "identifier": "generated", "connected_account": {}}
    account = tenant.post("/api/v1/connected_accounts", body).json()["connected_account"]
    return {"account_id": account["id"], "connection_id": connection["id"]}


def test_the_document_is_valid_openapi(tenant):
    validate(tenant.get("/openapi.json").json())


@pytest.mark.timeout(SECONDS + 240)
@pytest.mark.parametrize("existing", [True, False], ids=["ids that exist", "ids made up"])
def test_no_request_has_an_answer_that_the_document_does_not_name(tenant, known, existing, tmp_path):
    settings = tmp_path / "schemathesis.toml"
    values = known if existing else {}
    lines = ["[parameters]", *(f'"path.{name}" = "{value}"' for name, value in values.items())]
    settings.write_text("\n".join(lines), encoding="ascii")
    document = tmp_path / "openapi.json"
    document.write_text(tenant.get("/openapi.json").text, encoding="utf-8")
    done = subprocess.run(
        [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", settings,
            "run", document, "--url", tenant.url, "--checks", CHECKS, "--phases", "coverage,fuzzing",
            "--max-time", str(max(SECONDS // 2, 1)), "--continue-on-failure", "--no-color",
            "--header", f"Authorization: Bearer {tenant.token}", "--tls-verify", os.environ["REQUESTS_CA_BUNDLE"],
        ],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
