curl -X POST "https://api.scalekit.com/v1/connect/accounts" \
-H "Authorization: Bearer YOUR_API_TOKEN" \
-H "Content-Type: application/json" \
-d '{
"connection_id": "conn_gmail_oauth",
"identifier": "user_123",
"identifier_type": "user_id",
"scopes": ["https://www.googleapis.com/auth/gmail.send"],
"settings": {
"auto_refresh": true,
"expires_in": 3600
}
}'
