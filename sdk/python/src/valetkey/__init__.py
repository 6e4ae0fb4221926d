"""Client of the accounts API of Valetkey: connected accounts of the users of AI agents.

    from valetkey import AgentConnect

    with AgentConnect("https://valetkey.example.com", api_token="vkt_…") as agent_connect:
        account = agent_connect.accounts.create(connection_id="conn_gmail_oauth", identifier="user_123")
        print(agent_connect.accounts.get_auth_url(account.id))
"""

from . import models
from ._async.client import AsyncAgentConnect
from ._async.page import AsyncPage
from ._sync.client import AgentConnect
from ._sync.page import Page
from .bulk import BulkAccounts, BulkResults
from .errors import (
    AccountStateError,
    AgentConnectError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)

__all__ = [
    "AccountStateError",
    "AgentConnect",
    "AgentConnectError",
    "AsyncAgentConnect",
    "AsyncPage",
    "AuthenticationError",
    "BadRequestError",
    "BulkAccounts",
    "BulkResults",
    "ConflictError",
    "ConnectionFailedError",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestTimeoutError",
    "ServerError",
    "models",
]
