//! Links to the hosted page.

use valetkey_proto::valetkey::v1::{self as wire, authorization_service_client::AuthorizationServiceClient};

use crate::call::part;

part! {
    /// Links to the hosted page, on which a user authorizes.
    Links
    AuthorizationServiceClient {
        /// Makes a link. Its address is in this answer only; whoever has it can authorize: do not log it.
        fn create(link: wire::CreateLinkRequest) -> wire::Link = create_link(link);
        /// Lists the links of an account, newest first, without their addresses.
        fn list(account_id: &str) -> wire::ListLinksResponse =
            list_links(wire::ListLinksRequest { account_id: account_id.into() });
        /// Revokes a link. An authorization that it started cannot be completed any more.
        fn revoke(link_id: &str) -> wire::RevokeLinkResponse =
            revoke_link(wire::RevokeLinkRequest { link_id: link_id.into() });
    }
}
