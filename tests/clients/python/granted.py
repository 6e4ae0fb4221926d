"""Accounts that are ready to be used, made without a browser."""

CONNECTION = "test"
SCOPES = ["profile", "read"]


class Granted:
    """An active account of the connection `test`. Its user has granted what is asked for by default: not `write`."""

    def __init__(self, actions, provider, identifier):
        self.identifier = identifier
        self._provider = provider
        opened = provider.open_grant(identifier, SCOPES)
        self.grant, self.token = opened["grant"], opened["access_token"]
        tokens = {name: opened[name] for name in ("access_token", "refresh_token")}
        self.account = actions.create_connected_account(
            CONNECTION, identifier, authorization_details={"oauth_token": tokens | {"scopes": SCOPES}}
        ).connected_account
        self.id = self.account.id

    def calls(self):
        """What the API of the provider was asked for with a token of this account."""
        return self._provider.calls(self.grant)
