# Create or retrieve the connected account for this user
response = actions.get_or_create_connected_account(
    connection_name="gmail",
    identifier="user_123"  # your app's unique user ID
)
connected_account = response.connected_account

# Generate the authorization link if the account is not yet active
if connected_account.status != "ACTIVE":
    link_response = actions.get_authorization_link(
        connection_name="gmail",
        identifier="user_123"
    )
    auth_url = link_response.link
    # Redirect or send auth_url to the user
