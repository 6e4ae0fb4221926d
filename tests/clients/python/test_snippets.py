"""The Python examples of the published documentation, run as they stand."""

import pytest
from application import ACCOUNT
from scalekit.common.exceptions import ScalekitNotFoundException


def test_a_user_goes_from_unknown_to_active_and_is_listed_and_deleted(application, actions, consent, capsys):
    with pytest.raises(ScalekitNotFoundException):
        application.run("check_status")

    names = application.run("create_and_link")
    assert names["connected_account"].status == "PENDING_AUTH"
    assert names["auth_url"] == names["link_response"].link
    assert names["auth_url"].startswith("https://localhost:")

    consent(names["auth_url"])

    names = application.run("check_status")
    assert names["connected_account"].status == "ACTIVE"
    assert "Status: ACTIVE" in capsys.readouterr().out
    assert names["connected_account"].authorization_details["oauth_token"]["access_token"]
    assert "link_response" not in application.run("handle_inactive")
    assert "link_response" not in application.run("reauthorize")

    listed = actions.list_connected_accounts(connection_name="gmail", identifier="user_123")
    assert [(account.identifier, account.status) for account in listed.connected_accounts] == [("user_123", "ACTIVE")]

    actions.delete_connected_account(**ACCOUNT)
    with pytest.raises(ScalekitNotFoundException):
        application.run("check_status")


def test_the_same_pieces_connect_an_account_again_that_waits_for_its_user(application, consent):
    application.run("create_and_link")
    names = application.run("check_status")
    assert names["connected_account"].status == "PENDING_AUTH"

    first = application.run("handle_inactive")["link_response"].link
    second = application.run("reauthorize")["link_response"].link
    assert first != second

    consent(second)
    assert application.run("check_status")["connected_account"].status == "ACTIVE"


def test_an_active_account_is_authorized_again_by_a_new_link_and_keeps_its_id(application, actions, consent):
    application.run("create_and_link")
    consent(application.names["auth_url"], "alice")
    before = actions.get_connected_account(**ACCOUNT).connected_account

    consent(actions.get_authorization_link(**ACCOUNT).link, "alice")

    after = actions.get_connected_account(**ACCOUNT).connected_account
    assert (after.id, after.status) == (before.id, "ACTIVE")
    old, new = (account.authorization_details["oauth_token"]["access_token"] for account in (before, after))
    assert old != new
