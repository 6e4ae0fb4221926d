"""Tools through the SDK: which there are, for whom, and running one."""

import json

import grpc
import pytest
from scalekit.common.exceptions import (
    ScalekitBadRequestException,
    ScalekitForbiddenException,
    ScalekitNotFoundException,
    ScalekitToolException,
    ScalekitToolForbiddenException,
    ScalekitToolRateLimitException,
    ScalekitToolUnauthorizedException,
)
from scalekit.v1.tools.tools_pb2 import ScopedToolFilter, ToolReadinessState
from moments import eventually
from wire import info, rest_info, violations

PROFILE = "testprovider_get_profile"
NOTE = "testprovider_send_note"
ERASE = "testprovider_erase_notes"
ANSWER = "testprovider_answer_with"
ALL = [PROFILE, NOTE, ERASE, ANSWER]


def names(tools):
    return [tool.definition["name"] for tool in tools]


# Running


@pytest.mark.parametrize(
    "named",
    [
        lambda user: {"connected_account_id": user.id},
        lambda user: {"identifier": user.identifier, "connection_name": "test"},
        lambda user: {"identifier": user.identifier, "connection_name": "TEST"},
        lambda user: {"identifier": user.identifier},
    ],
    ids=["by id", "by connection and identifier", "in other letters", "by identifier alone"],
)
def test_a_tool_runs_with_the_account_that_is_named(named, actions, user):
    done = actions.execute_tool({}, PROFILE, **named(user))
    assert done.data == {"subject": user.identifier, "scopes": ["profile", "read"]}
    assert done.execution_id.startswith("exec_")


def test_input_arrives_at_the_provider_as_it_was_meant(actions, user):
    note = {"text": "Grüße", "priority": 1, "labels": ["a", "b c"], "folder": "inbox"}
    done = actions.execute_tool(note, NOTE, connected_account_id=user.id)
    assert json.loads(done.data["body"]) == {"note": {"text": "Grüße", "priority": 1}}
    assert '"priority":1}' in done.data["body"], "a whole number stays one"
    assert done.data["query"] == "folder=inbox&label=a&label=b%20c"
    assert user.token not in str(done)


def test_an_answer_without_a_body_is_not_empty(actions, user):
    assert actions.execute_tool({"status": 204}, ANSWER, connected_account_id=user.id).data["status"] == 204


def test_s101_a_refused_token_is_renewed_without_the_application_noticing(actions, user, provider):
    late = {"misbehaviour": "api_unauthorized_until_refreshed", "grant": user.grant}
    with provider.misbehaving(late):
        done = actions.execute_tool({}, PROFILE, connected_account_id=user.id)
    assert done.data["subject"] == user.identifier
    assert len(user.calls()) == 2


# What the provider refuses


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, ScalekitToolUnauthorizedException, grpc.StatusCode.UNAUTHENTICATED),
        (403, ScalekitToolForbiddenException, grpc.StatusCode.PERMISSION_DENIED),
        (429, ScalekitToolRateLimitException, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (500, ScalekitToolException, grpc.StatusCode.INTERNAL),
        (503, ScalekitToolException, grpc.StatusCode.INTERNAL),
        (504, ScalekitToolException, grpc.StatusCode.DEADLINE_EXCEEDED),
    ],
)
def test_a_failure_of_the_provider_has_its_class_and_all_details_and_is_sent_once(status, kind, code, actions, user):
    with pytest.raises(ScalekitToolException) as caught:
        actions.execute_tool({"status": status}, ANSWER, connected_account_id=user.id)
    error = caught.value
    assert type(error) is kind
    assert (error.error_code, error.grpc_status) == ("TOOL_ERROR", code)
    assert error.tool_error_code == f"test_{status}"
    assert error.tool_error_message == f"status {status} was asked for"
    assert error.execution_id.startswith("exec_")
    assert f"test_{status}" in error.message
    assert info(error).request_info.request_id
    assert user.token not in str(error)
    # A 401 is tried once more with a renewed token, by the server.
    assert len(user.calls()) == (2 if status == 401 else 1)


def test_rest_says_the_same(user, rest):
    def execute(tool, params):
        body = {"tool_name": tool, "connector": "test", "identifier": user.identifier, "params": params}
        return rest.post("/api/v1/execute_tool", body)

    assert execute(PROFILE, {}).json()["data"]["subject"] == user.identifier
    for status in (403, 429, 500):
        answer = execute(ANSWER, {"status": status})
        assert (answer.status_code, rest_info(answer)["error_code"]) == (status, "TOOL_ERROR")
        told = rest_info(answer)["tool_error_info"]
        assert told.pop("execution_id").startswith("exec_")
        assert told == {
            "tool_error_code": f"test_{status}", "tool_error_message": f"status {status} was asked for"
        }


def test_an_execution_is_found_in_the_log_by_the_id_that_the_application_has(actions, user, rest):
    with pytest.raises(ScalekitToolForbiddenException) as caught:
        actions.execute_tool({"status": 403}, ANSWER, connected_account_id=user.id)
    log = f"/api/v1/agentkit/tool_call_logs/{caught.value.execution_id}"
    # Calls are written in batches.
    eventually(lambda: rest.get(log).status_code == 200)
    entry = json.dumps(rest.get(log).json())
    assert ANSWER in entry and user.id in entry and "test_403" in entry
    assert user.token not in entry


# What this server refuses


def refused(kind, user, call):
    """The error of a call that must fail so, and before anything was sent."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert user.calls() == []
    return caught.value


def test_input_that_breaks_the_schema_is_told_field_by_field(actions, user):
    bad = {"priority": 9, "folder": "attic", "colour": "red"}
    error = refused(
        ScalekitBadRequestException, user, lambda: actions.execute_tool(bad, NOTE, connected_account_id=user.id)
    )
    assert error.error_code == "INVALID_ARGUMENT"
    assert violations(error) == {
        ("params.priority", "input_schema"), ("params.folder", "input_schema"), ("params", "input_schema"),
    }
    for part in ("params.priority", "params.folder", "text", "colour"):
        assert part in str(error)


def test_an_unknown_tool_is_not_found_and_the_nearest_is_named(actions, user):
    error = refused(
        ScalekitNotFoundException,
        user,
        lambda: actions.execute_tool({}, "testprovider_get_profiles", connected_account_id=user.id),
    )
    assert "tool not found" in error.message
    assert f'did you mean "{PROFILE}"?' in error.message


def test_an_account_of_another_provider_is_a_bad_request(actions, user):
    key = {"static_auth": {"api_key": "test-key-good"}}
    other = actions.create_connected_account("testkey", user.identifier, authorization_details=key).connected_account
    error = refused(
        ScalekitBadRequestException, user, lambda: actions.execute_tool({}, PROFILE, connected_account_id=other.id)
    )
    assert violations(error) == {("connected_account_id", "provider")}
    assert "TESTPROVIDER" in error.message and "TESTKEY" in error.message


def test_an_account_that_is_not_active_is_a_bad_request_that_says_what_to_do(actions, rest, user):
    rest.post(f"/api/v1/connected_accounts/{user.id}:disconnect", {}).raise_for_status()
    error = refused(
        ScalekitBadRequestException, user, lambda: actions.execute_tool({}, PROFILE, connected_account_id=user.id)
    )
    assert error.error_code == "ACCOUNT_NOT_ACTIVE"
    assert "authorize again" in error.message


def test_s155_a_scope_that_was_not_granted_is_forbidden_before_the_call(actions, user):
    error = refused(
        ScalekitForbiddenException, user, lambda: actions.execute_tool({}, ERASE, connected_account_id=user.id)
    )
    assert error.error_code == "SCOPE_MISSING"
    assert "needs the scope write" in error.message


def test_an_unknown_account_is_not_found(actions, user):
    unknown = {"connected_account_id": "ca_00000000000000000000000000"}
    for named in (unknown, {"identifier": f"{user.identifier}-x"}):
        error = refused(
            ScalekitNotFoundException, user, lambda named=named: actions.execute_tool({}, PROFILE, **named)
        )
        assert error.error_code == "RESOURCE_NOT_FOUND"


def test_a_call_that_names_no_account_is_a_bad_request(actions, user):
    error = refused(ScalekitBadRequestException, user, lambda: actions.execute_tool({}, PROFILE))
    assert violations(error) == {("identifier", "required")}


def test_t60_another_tenant_and_a_client_without_the_permission_run_nothing(
    user, other_tenant_access, reader_access
):
    for access, kind in ((other_tenant_access, ScalekitNotFoundException), (reader_access, ScalekitForbiddenException)):
        stranger = access.sdk().actions
        refused(kind, user, lambda stranger=stranger: stranger.execute_tool({}, PROFILE, connected_account_id=user.id))


# Lists


def test_the_catalogue_is_read_page_by_page(actions):
    seen, token, sizes = [], None, []
    while token != "":
        page = actions.list_tools(page_size=1000, page_token=token)
        assert (page.previous_page_token is None) == (token is None)
        for tool in page.tools:
            assert {"name", "description", "input_schema", "annotations"} <= set(tool.definition)
            assert tool.definition["input_schema"]["type"] == "object"
            assert tool.id == f"tol_{tool.definition['name']}"
        seen += names(page.tools)
        sizes.append(page.total_count)
        token = page.next_page_token or ""
    assert set(sizes) == {len(seen)}
    assert len(set(seen)) == len(seen)
    assert set(ALL) <= set(seen)


def test_pages_are_as_large_as_asked_for(actions):
    first = actions.list_tools(provider="TESTPROVIDER", page_size=3)
    assert (names(first.tools), first.total_count) == (ALL[:3], 4)
    second = actions.list_tools(provider="TESTPROVIDER", page_size=3, page_token=first.next_page_token)
    assert (names(second.tools), second.next_page_token) == (ALL[3:], None)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda user: {"provider": "TESTPROVIDER"}, ALL),
        (lambda user: {"tool_name": [NOTE, PROFILE]}, [PROFILE, NOTE]),
        (lambda user: {"query": "testprovider note"}, [NOTE, ERASE]),
        (lambda user: {"connection_name": "test"}, ALL),
        (lambda user: {"identifier": user.identifier}, ALL),
        (lambda user: {"identifier": user.identifier, "connection_name": "test"}, ALL),
        (lambda user: {"connected_account_id": user.id}, ALL),
        (lambda user: {"connected_account_id": user.id, "query": "profile"}, [PROFILE]),
    ],
    ids=["provider", "names", "words", "connection", "user", "account by name", "account by id", "two conditions"],
)
def test_filters_narrow_the_list(condition, expected, actions, user):
    page = actions.list_tools(**condition(user))
    assert (names(page.tools), page.total_count) == (expected, len(expected))


def test_a_summary_has_names_alone(actions):
    page = actions.list_tools(provider="TESTPROVIDER", summary=True)
    assert (page.tool_names, page.tools) == (ALL, [])


def test_a_user_is_offered_what_an_active_account_has_the_scopes_for(client, user, actions, rest):
    def offered():
        connection = ScopedToolFilter(connection_names=["test"])
        return client.tools.list_scoped_tools(user.identifier, connection)[0]

    found = offered()
    assert [tool.tool.definition["name"] for tool in found.tools] == [PROFILE, NOTE, ANSWER]
    assert {(tool.connected_account_id, tool.identifier) for tool in found.tools} == {(user.id, user.identifier)}
    assert found.total_size == 3
    annotations = found.tools[0].tool.definition["annotations"]
    assert (annotations["read_only_hint"], annotations["destructive_hint"]) == (True, False)

    rest.post(f"/api/v1/connected_accounts/{user.id}:disconnect", {}).raise_for_status()
    assert len(offered().tools) == 0


def test_scoped_tools_are_narrowed_and_paged(client, user):
    def page(size, token=None, **conditions):
        return client.tools.list_scoped_tools(user.identifier, ScopedToolFilter(**conditions), size, token)[0]

    (tool,) = page(10, providers=["TESTPROVIDER"], tool_names=[NOTE]).tools
    assert tool.tool.definition["name"] == NOTE
    first = page(2, providers=["TESTPROVIDER"])
    second = page(2, first.next_page_token, providers=["TESTPROVIDER"])
    assert [len(first.tools), len(second.tools), second.next_page_token] == [2, 1, ""]
    assert len(page(10, providers=["GMAIL"]).tools) == 0


def test_scoped_tools_without_a_filter_are_a_bad_request(client, user):
    with pytest.raises(ScalekitBadRequestException) as caught:
        client.tools.list_scoped_tools(user.identifier)
    assert violations(caught.value) == {("filter", "required")}


def test_a_query_that_is_too_short_is_a_bad_request(actions):
    with pytest.raises(ScalekitBadRequestException) as caught:
        actions.list_tools(query="ab")
    assert violations(caught.value) == {("filter.query", "string.min_len")}


# Search


def test_a_search_understands_natural_words(client):
    found = client.tools.search_tools("send an email to bob", top_k=5)[0].tools
    assert "gmail_send_email" in [tool.name for tool in found]
    assert len(found) == 5
    scores = [tool.score for tool in found]
    assert scores == sorted(scores, reverse=True)
    assert all(tool.provider and tool.description for tool in found)
    assert not any(tool.connections for tool in found), "nobody was named"


def test_a_search_says_what_each_tool_still_needs(client, user):
    def readiness(query, tool, identifier):
        found = client.tools.search_tools(query, identifier=identifier, top_k=5)[0].tools
        assert found[0].name == tool
        (connection,) = [one for one in found[0].connections if one.connection_name == "test"]
        return ToolReadinessState.Name(connection.readiness_state), connection.connected_account_id

    profile, erase = "get my profile at the test provider", "erase the notes of the test provider"
    assert readiness(profile, PROFILE, user.identifier) == ("TOOL_READINESS_STATE_READY", user.id)
    assert readiness(erase, ERASE, user.identifier) == ("TOOL_READINESS_STATE_NEEDS_REAUTH", user.id)
    nobody = f"{user.identifier}-x"
    assert readiness(profile, PROFILE, nobody) == ("TOOL_READINESS_STATE_NEEDS_CONNECTION", "")
