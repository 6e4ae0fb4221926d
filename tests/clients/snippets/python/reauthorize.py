response = actions.get_or_create_connected_account(
    connection_name="gmail",
    identifier="user_123"
)
connected_account = response.connected_account
# ACTIVE: ready for tool calls
# PENDING: user has not completed the OAuth flow
# EXPIRED: tokens expired, re-authorization required
# REVOKED: user revoked access from the provider

if connected_account.status != "ACTIVE":
    link_response = actions.get_authorization_link(
        connection_name="gmail",
        identifier="user_123"
    )
    # Redirect or send link_response.link to the user
