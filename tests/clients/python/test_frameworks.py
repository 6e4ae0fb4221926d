"""Agents of two frameworks that list and call tools as the SDK hands them over, with models that follow a script."""

import ast
import asyncio
import json

import pytest
from google.adk.agents import Agent
from google.adk.models import BaseLlm, LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService
from google.genai import types
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool

PROFILE = "testprovider_get_profile"
NOTE = "testprovider_send_note"
ANSWER = "testprovider_answer_with"
NAMES = [PROFILE, NOTE, ANSWER]

@pytest.fixture(autouse=True)
def no_tracing(monkeypatch):
    """Nothing is told to anybody else, whatever the environment of the developer says."""
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "false")


# What the model wants to call, one by one, before it says that it is done.
SCRIPT = [(PROFILE, {}), (NOTE, {"text": "Hi", "priority": 2, "labels": ["a"]}), (ANSWER, {"status": 403})]
DONE = "I have done all of it."


def check(results, user):
    """What the model was told of its calls."""
    profile, note, failure = results
    assert ast.literal_eval(profile)["subject"] == user.identifier
    assert ast.literal_eval(profile)["execution_id"].startswith("exec_")
    assert json.loads(ast.literal_eval(note)["body"]) == {"note": {"text": "Hi", "priority": 2}}
    assert "TOOL_ERROR" in failure and "status 403 was asked for" in failure
    assert [call["path"] for call in user.calls()] == ["/api/me", "/api/echo", "/api/status/403"]


class LangChainModel(GenericFakeChatModel):
    """Says what it was made with, and keeps what tools it was given, in the form that models read."""

    offered: list = []

    def bind_tools(self, tools, **_):
        self.offered = [convert_to_openai_tool(tool)["function"] for tool in tools]
        return self


def test_a_langchain_agent_lists_and_calls_tools(actions, user):
    tools = actions.langchain.get_tools(
        identifier=user.identifier, providers=["TESTPROVIDER"], connection_names=["test"], page_size=100
    )
    assert [tool.name for tool in tools] == NAMES
    calls = [{"name": name, "args": args, "id": f"call-{number}"} for number, (name, args) in enumerate(SCRIPT)]
    said = [AIMessage("", tool_calls=[call]) for call in calls] + [AIMessage(DONE)]
    model = LangChainModel(messages=iter(said)).bind_tools(tools)
    assert [tool["name"] for tool in model.offered] == NAMES
    parameters = model.offered[1]["parameters"]
    assert (parameters["required"], parameters["properties"]["priority"]["type"]) == (["text"], "integer")

    by_name = {tool.name: tool for tool in tools}
    messages = [HumanMessage("Send a note")]
    while (answer := model.invoke(messages)).tool_calls:
        messages.append(answer)
        for call in answer.tool_calls:
            result = by_name[call["name"]].invoke(call["args"])
            messages.append(ToolMessage(result, tool_call_id=call["id"]))
    assert answer.content == DONE
    check([message.content for message in messages if isinstance(message, ToolMessage)], user)


def test_a_tool_of_langchain_runs_asynchronously_and_tells_the_model_what_is_wrong_with_its_input(actions, user):
    (note,) = actions.langchain.get_tools(identifier=user.identifier, tool_names=[NOTE])
    said = asyncio.run(note.ainvoke({"text": "Hi", "priority": 9}))
    assert "params.priority" in said and "is greater than the maximum of 5" in said
    assert user.calls() == []


class AdkModel(BaseLlm):
    """Follows the script, and keeps what it was asked."""

    model: str = "scripted"
    asked: list = []

    async def generate_content_async(self, llm_request, stream=False):
        step = len(self.asked)
        self.asked.append(llm_request)
        if step < len(SCRIPT):
            name, args = SCRIPT[step]
            part = types.Part.from_function_call(name=name, args=args)
        else:
            part = types.Part.from_text(text=DONE)
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


async def converse(agent):
    """All that happens after one message of the user."""
    sessions = InMemorySessionService()
    session = await sessions.create_session(app_name="notes", user_id="user")
    runner = Runner(agent=agent, app_name="notes", session_service=sessions)
    message = types.Content(role="user", parts=[types.Part.from_text(text="Send a note")])
    return [event async for event in runner.run_async(user_id="user", session_id=session.id, new_message=message)]


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_an_agent_of_the_google_adk_lists_and_calls_tools(actions, user):
    tools = actions.google.get_tools(identifier=user.identifier, connection_names=["test"])
    assert [tool.name for tool in tools] == NAMES
    model = AdkModel()
    events = asyncio.run(converse(Agent(name="assistant", model=model, instruction="Do it.", tools=tools)))
    declared = {one.name: one for one in model.asked[0].config.tools[0].function_declarations}
    assert list(declared) == NAMES
    assert "text" in str(declared[NOTE])
    answers = [answer for event in events for answer in event.get_function_responses()]
    assert [answer.name for answer in answers] == NAMES
    check([answer.response["result"] for answer in answers], user)
    assert events[-1].content.parts[0].text == DONE
