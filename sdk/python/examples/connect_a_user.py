"""Connects a user and says what the application does next.

    VALETKEY_URL=… VALETKEY_API_TOKEN=… python connect_a_user.py CONNECTION IDENTIFIER
"""

import os
import sys

from valetkey import AgentConnect, ConflictError


def main(connection: str, identifier: str) -> None:
    with AgentConnect(os.environ["VALETKEY_URL"], api_token=os.environ["VALETKEY_API_TOKEN"]) as agent_connect:
        try:
            account = agent_connect.accounts.create(connection_id=connection, identifier=identifier)
        except ConflictError:
            account = agent_connect.accounts.list(connection_id=connection, identifier=identifier)[0]
        if account.status == "active":
            print(f"{account.id} is active and has granted {' '.join(account.scopes) or 'no scopes'}")
        else:
            print(f"{account.id} is {account.status}; open {agent_connect.accounts.get_auth_url(account.id)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
