//! The list.

use super::{Place, catalogue::misbehaviours};

const CALLBACK: &[Place] = &[Place::Callback];
const PUSHED: &[Place] = &[Place::Pushed];
const TOKEN: &[Place] = &[Place::Exchange, Place::Refresh];
const EXCHANGE: &[Place] = &[Place::Exchange];
const REFRESH: &[Place] = &[Place::Refresh];
const TOKEN_AND_USERINFO: &[Place] = &[Place::Exchange, Place::Refresh, Place::Userinfo];
const USE: &[Place] = &[Place::Refresh, Place::Userinfo, Place::Api];
const REVOCATION: &[Place] = &[Place::Revocation];
const USERINFO: &[Place] = &[Place::Userinfo];
const API: &[Place] = &[Place::Api];

misbehaviours! {
    /// Consent ends in this error, whatever the user presses.
    [] CALLBACK DenyConsent {
        /// The error code of RFC 6749 §4.1.2.1, or any other text.
        error: String = "access_denied".into(),
        /// The description, unchecked.
        description: Option<String> = None,
    }
    /// The callback names another issuer.
    [] CALLBACK WrongIss
    /// The callback names no issuer.
    [] CALLBACK NoIss
    /// Pushed authorization requests fail with this status.
    [] PUSHED PushedError {
        /// The status.
        status: u16 = 503,
    }

    /// The token endpoint answers with this status and no JSON.
    [] TOKEN TokenServerError {
        /// The status.
        status: u16 = 503,
    }
    /// The token endpoint fails with this status so many times, and is well from then on.
    [] TOKEN TokenErrorBurst {
        /// The status.
        status: u16 = 503,
        /// How many requests fail.
        failures: u32 = 3,
    }
    /// The token endpoint fails and works in turns.
    [] TOKEN TokenFlaps {
        /// The status of a failure.
        status: u16 = 502,
        /// How many requests fail in a row; the first is one of them.
        failures: u32 = 1,
        /// How many requests work in a row.
        successes: u32 = 1,
    }
    /// The token endpoint answers with status 429 and this `Retry-After`.
    [82] TOKEN TokenRateLimited {
        /// Seconds.
        retry_after: u64 = 30,
    }
    /// The token endpoint answers with status 429 and a date as `Retry-After`.
    [82] TOKEN TokenRateLimitedUntil {
        /// How far away the date is, in seconds.
        seconds: u32 = 30,
    }
    /// The token endpoint answers with status 403 where it means too many requests.
    [82] TOKEN TokenForbiddenAsRateLimit {
        /// `Retry-After`, in seconds.
        retry_after: u64 = 30,
    }
    /// The token endpoint answers with this error code and status.
    [] TOKEN TokenError {
        /// The status.
        status: u16 = 400,
        /// The error code.
        error: String = "invalid_grant".into(),
        /// The description, unchecked.
        description: Option<String> = None,
    }
    /// The token endpoint does not accept the client, whatever its secret: `invalid_client`.
    [] TOKEN InvalidClient
    /// The token endpoint says that the client may not do this: `unauthorized_client`.
    [] TOKEN UnauthorizedClient
    /// The token endpoint refuses with an error code that no standard knows.
    [44] TOKEN UnknownErrorCode
    /// The token endpoint refuses, and its description repeats every secret that was presented.
    [] TOKEN EchoesSecrets
    /// The token endpoint answers `{"ok": false, "error": …}` with status 200.
    [44] TOKEN TokenErrorIn200 {
        /// The error code.
        error: String = "invalid_auth".into(),
    }
    /// The token endpoint answers with a web page and status 200.
    [45] TOKEN TokenHtml200
    /// The token endpoint answers with a web page and status 400.
    [45] TOKEN TokenHtml400
    /// The token endpoint answers with status 200 and no body.
    [45] TOKEN TokenEmpty
    /// The token endpoint answers with more than 256 KiB.
    [53] TOKEN TokenOversize
    /// The token endpoint redirects to another host.
    [43] TOKEN TokenRedirect

    /// The token endpoint answers after this time, and looks at the request only then.
    [] TOKEN SlowToken {
        /// Milliseconds.
        milliseconds: u64 = 1000,
    }
    /// The token endpoint never answers, and does not look at the request.
    [] TOKEN TokenHangs
    /// The token request is carried out at once, and the answer comes after this time.
    [57] TOKEN AnswersLate {
        /// Milliseconds.
        milliseconds: u64 = 60_000,
    }
    /// The token request is carried out, and the connection is closed without an answer.
    [57] TOKEN DropsAnswer
    /// The token request is carried out, and the connection is closed in the middle of the answer.
    [57] TOKEN DropsMidBody
    /// The connection is closed without an answer, and the token request is not looked at.
    [] TOKEN DropsRequest

    /// The token answer is form-encoded.
    [45] TOKEN TokenFormEncoded
    /// The token answer is form-encoded and says that it is plain text.
    [45] TOKEN TokenFormAsText
    /// The token answer is JSON and says that it is a web page.
    [45] TOKEN TokenJsonAsHtml
    /// The token answer is XML.
    [45] TOKEN TokenXml
    /// The token answer is the access token and nothing else.
    [46] TOKEN TokenBare
    /// The token answer ends in the middle of its JSON, though nothing was lost on the way.
    [45] TOKEN TokenCut
    /// The token answer is below `data`.
    [46] TOKEN TokenNested
    /// The tokens are at `tokens.access.token` and `tokens.refresh.token`.
    [46] TOKEN TokenDeeplyNested
    /// The members are called `accessToken`, `refreshToken`, `expiresIn`, `tokenType` and `scopes`, which is a list.
    [47] TOKEN TokenRenamed
    /// The status of a success is 201.
    [44] TOKEN TokenCreated
    /// The access token is the cookie `session`, and the API takes it as that.
    [54] TOKEN TokenAsCookie

    /// The token answer has no `expires_in`.
    [49] TOKEN NoExpiresIn
    /// The access token is a JWT whose `exp` is the only sign of its lifetime.
    [49] TOKEN JwtExpiry
    /// The access token never expires: neither a lifetime nor a refresh token is in the answer.
    [50] TOKEN NeverExpires
    /// Only a request with `expires_in` gets an access token that expires; of others the answer has no lifetime.
    [41] TOKEN LifetimeMustBeAsked
    /// `expires_in` is a text.
    [48] TOKEN LifetimeAsText
    /// `expires_in` is in milliseconds.
    [48] TOKEN LifetimeInMilliseconds
    /// `expires_in` is a text such as `1h`.
    [48] TOKEN LifetimeAsDuration
    /// `expires_at`, a date and time of RFC 3339, takes the place of `expires_in`.
    [48] TOKEN LifetimeAsDate
    /// `expires_at`, in seconds since the Unix epoch, takes the place of `expires_in`.
    [48] TOKEN LifetimeAsEpoch
    /// `expires_at`, in milliseconds since the Unix epoch, takes the place of `expires_in`.
    [48] TOKEN LifetimeAsEpochMilliseconds
    /// The access token stops working earlier than its answer says.
    [66] TOKEN ExpiresEarly {
        /// Seconds after which it stops.
        seconds: u32 = 30,
    }

    /// The token type is `mac`.
    [] TOKEN UnknownTokenType
    /// The last of the requested scopes is not granted.
    [] TOKEN LessScopeThanAsked
    /// The token answer does not name the scopes.
    [] TOKEN NoScope
    /// A scope is granted that nobody asked for, and none of those that were asked for.
    [] TOKEN WrongScope {
        /// The scope.
        scope: String = "something_else".into(),
    }
    /// A refresh takes the last of the granted scopes away for good.
    [] REFRESH FewerScopesAfterRefresh
    /// The answer has a second access token at `authed_user`, which expires at another time.
    [51] TOKEN SeveralTokens {
        /// The lifetime of the second token, in seconds.
        expires_in: u32 = 1800,
        /// Whether the refresh token is repeated there.
        refresh_token: bool = false,
    }
    /// The answer to a code has a second access token at `authed_user` with a refresh token of its own; each is
    /// refreshed by itself.
    [61] EXCHANGE TwoTokenFamilies
    /// Who the user is and where the API is are in the token answer (`user_id`, `email`, `instance_url`), and the user
    /// information endpoint does not exist.
    [52] TOKEN_AND_USERINFO IdentityOnlyInAnswer
    /// The access token is very long.
    [53] TOKEN VeryLongToken {
        /// Characters.
        characters: usize = 16_384,
    }

    /// The answer to a refresh has no refresh token; the one that was presented stays valid.
    [56] REFRESH OmitsRefreshToken
    /// The answer to a code has no refresh token.
    [6, 7] EXCHANGE NoOfflineAccess
    /// A refresh is refused, with the error `access_token_not_expired`, while the access token works for longer than
    /// this. The refresh token is not spent.
    [60] REFRESH RefreshesOnlyNearExpiry {
        /// Seconds.
        seconds: u32 = 30,
    }
    /// The answer to a refresh says `OK` and has no token; the old access token works for another lifetime.
    [58] REFRESH ExtendsOldToken
    /// The token endpoint refuses refreshes; `/refresh` takes them.
    [59] REFRESH SeparateRefreshUrl
    /// A refresh token is accepted only as `authorization: Bearer …`.
    [59] REFRESH RefreshTokenInHeader
    /// A refresh token is accepted only in the path, `/refresh/TOKEN`.
    [59] REFRESH RefreshTokenInPath
    /// A refresh without `scope` is refused.
    [40] REFRESH RefreshNeedsScope
    /// There are no refresh tokens: an access token that still works is exchanged for the next one, as `access_token`
    /// or `fb_exchange_token`, with or without client authentication.
    [55] TOKEN ReexchangesAccessToken
    /// There are no refresh tokens: new access tokens come from `grant_type=client_credentials` only.
    [55] TOKEN ClientCredentialsOnly
    /// Refresh tokens end so many seconds after the grant began, however often it is refreshed.
    [64] TOKEN RefreshTokenExpires {
        /// Seconds.
        seconds: u32 = 86_400,
    }
    /// A refresh token that is not used for so many seconds ends.
    [64] TOKEN RefreshTokenIdles {
        /// Seconds.
        seconds: u32 = 86_400,
    }
    /// Each token answer has the address of the API at `rest_url` and its host at `api_domain`, which change with each
    /// refresh; the earlier ones are gone.
    [63] TOKEN RefreshChangesApiHost
    /// A second grant of the same user gets the refresh token of the first.
    [65] EXCHANGE SharedRefreshToken
    /// Grants are revoked, by policy, so many seconds after they began.
    [68] USE RevokedForPolicy {
        /// Seconds; at 0, at once.
        after_seconds: u32 = 0,
    }
    /// A refresh finds that the user has revoked access: `invalid_grant` with a description that says so.
    [68] REFRESH RevokedByUser
    /// The API wants the token of a session, which `/session` opens for an access token.
    [62] API WantsSession

    /// The revocation endpoint answers with status 503 and this `Retry-After` (RFC 7009 §2.2.1).
    [] REVOCATION RevocationUnavailable {
        /// Seconds.
        retry_after: u64 = 30,
    }
    /// The revocation endpoint does not take this kind of token: `unsupported_token_type`.
    [] REVOCATION RevocationUnsupported
    /// The revocation endpoint answers after this time, and looks at the request only then.
    [] REVOCATION SlowRevocation {
        /// Milliseconds.
        milliseconds: u64 = 1000,
    }
    /// The revocation endpoint never answers, and does not look at the request.
    [] REVOCATION RevocationHangs

    /// The user information endpoint answers with status 500.
    [] USERINFO UserinfoError
    /// The API answers with status 401 though the access token works.
    [83] API ApiUnauthorized
    /// The API answers with status 401 to every access token that was issued before this was set.
    [66, 83] API ApiUnauthorizedUntilRefreshed
    /// The API answers with status 403 where it means too many requests.
    [82] API ApiForbiddenAsRateLimit {
        /// `Retry-After`, in seconds.
        retry_after: u64 = 30,
    }
    /// The API answers with an error and status 200.
    [82] API ApiErrorIn200
}
