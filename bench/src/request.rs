//! The requests that are measured.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use prost::Message;
use valetkey_core::Clock as _;
use valetkey_proto::scalekit::v1::connected_accounts::{
    GetConnectedAccountByIdentifierRequest, GetMagicLinkForConnectedAccountRequest,
    ListConnectedAccountsRequest, SearchConnectedAccountsRequest,
};

use crate::{
    Outcome, null, seed,
    server::Server,
    system::{Numbers, SystemClock},
};

/// How a request travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Transport {
    /// gRPC over HTTP/2.
    Grpc,
    /// JSON over HTTP/1.1.
    Rest,
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    /// Nothing, behind the gate.
    Null,
    /// Nothing, without authentication.
    Open,
    /// `GetConnectedAccountDetails` of a random account, by connection and identifier.
    Details,
    /// The same with the credential, of one of the accounts that have one.
    Credential,
    /// The first page of ten accounts.
    ListFirst,
    /// A page of ten accounts at nine tenths of the list.
    ListDeep,
    /// The start of an identifier that at most a hundred accounts have.
    SearchFew,
    /// The start of an identifier that every account has.
    SearchAll,
    /// An authorization link of an account that is there.
    Link,
    /// An authorization link of an account that is created with it.
    LinkOfNew,
}

/// Makes the requests of one client to one server.
pub(crate) struct Requests {
    transport: Transport,
    call: Call,
    host: String,
    authorization: HeaderValue,
    accounts: u64,
    deep: String,
    numbers: Numbers,
    /// Different in every run, so that identifiers of new accounts are.
    run: i64,
}

impl Requests {
    /// The requests of the client with this number. `deep` is the token of the page that [`Call::ListDeep`] reads.
    pub(crate) fn new(
        server: &Server,
        transport: Transport,
        call: Call,
        deep: &str,
        client: u64,
    ) -> Outcome<Self> {
        let run = SystemClock.now().millis();
        Ok(Self {
            transport,
            call,
            host: server.address.to_string(),
            authorization: HeaderValue::from_str(&format!("Bearer {}", server.token.expose()))?,
            accounts: server.accounts,
            deep: deep.to_owned(),
            numbers: Numbers::new(client ^ (run.cast_unsigned() << 16)),
            run,
        })
    }

    /// Asks one server for the details of the account with this number, by REST.
    pub(crate) fn details(server: &Server, number: u64) -> Outcome<Request<Full<Bytes>>> {
        Self::new(server, Transport::Rest, Call::Details, "", 0)?.rest(number)
    }

    /// A request for an account that is chosen by chance.
    pub(crate) fn make(&self) -> Outcome<Request<Full<Bytes>>> {
        let among = if self.call == Call::Credential { seed::CREDENTIALS } else { self.accounts };
        let number = self.numbers.below(among.min(self.accounts));
        match self.transport {
            Transport::Grpc => self.grpc(number),
            Transport::Rest => self.rest(number),
        }
    }

    fn grpc(&self, number: u64) -> Outcome<Request<Full<Bytes>>> {
        let (path, body) = self.message(number);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{path}", self.host))
            .header(header::CONTENT_TYPE, "application/grpc")
            .header(header::TE, "trailers")
            .header(header::AUTHORIZATION, self.authorization.clone());
        Ok(request.body(Full::new(body))?)
    }

    fn message(&self, number: u64) -> (String, Bytes) {
        let ours = |rpc| format!("/scalekit.v1.connected_accounts.ConnectedAccountService/{rpc}");
        let (connector, identifier) = (Some(seed::connection_name(number)), Some(seed::identifier(number)));
        match self.call {
            Call::Null => (null::RPC.into(), frame(&())),
            Call::Open => ("/grpc.health.v1.Health/Check".into(), frame(&())),
            Call::Details => {
                let request =
                    GetConnectedAccountByIdentifierRequest { connector, identifier, ..Default::default() };
                (ours("GetConnectedAccountDetails"), frame(&request))
            }
            Call::Credential => {
                let request =
                    GetConnectedAccountByIdentifierRequest { connector, identifier, ..Default::default() };
                (ours("GetConnectedAccountAuth"), frame(&request))
            }
            Call::ListFirst | Call::ListDeep => {
                let token = if self.call == Call::ListDeep { self.deep.clone() } else { String::new() };
                let request = ListConnectedAccountsRequest { page_token: token, ..Default::default() };
                (ours("ListConnectedAccounts"), frame(&request))
            }
            Call::SearchFew | Call::SearchAll => {
                let few = format!("{number:07}");
                let query = if self.call == Call::SearchFew { few[..5].into() } else { "user".into() };
                (
                    ours("SearchConnectedAccounts"),
                    frame(&SearchConnectedAccountsRequest { query, ..Default::default() }),
                )
            }
            Call::Link | Call::LinkOfNew => {
                let new = format!("new_{}_{:x}", self.run, self.numbers.below(u64::MAX));
                let identifier = if self.call == Call::Link { identifier } else { Some(new) };
                let request =
                    GetMagicLinkForConnectedAccountRequest { connector, identifier, ..Default::default() };
                (ours("GetMagicLinkForConnectedAccount"), frame(&request))
            }
        }
    }

    fn rest(&self, number: u64) -> Outcome<Request<Full<Bytes>>> {
        let path = match self.call {
            Call::Null => null::REST.to_owned(),
            Call::Open => null::OPEN_ROUTE.to_owned(),
            Call::Details | Call::Credential => format!(
                "/api/v1/connected_accounts/{}?connector={}&identifier={}",
                if self.call == Call::Details { "details" } else { "auth" },
                seed::connection_name(number),
                seed::identifier(number)
            ),
            _ => return Err(format!("{:?} is measured by gRPC only", self.call).into()),
        };
        let request = Request::builder()
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::AUTHORIZATION, self.authorization.clone());
        Ok(request.body(Full::default())?)
    }
}

/// A message with the prefix of gRPC.
fn frame(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(5 + length);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    frame.put(message.encode_to_vec().as_slice());
    frame.freeze()
}
