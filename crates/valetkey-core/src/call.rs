//! Calls to providers: who made them, and whose fault it was where one failed.

use serde::{Deserialize, Serialize};

use crate::account::stored_names;

stored_names! {
    /// Who made a call.
    CallSource {
        /// A tool, by the API.
        Api = "API",
        /// A tool, by MCP.
        Mcp = "MCP",
        /// The proxy.
        Proxy = "PROXY",
        /// The MCP gateway.
        Gateway = "GATEWAY",
    }
}

stored_names! {
    /// Whose fault it was, if anybody's.
    CallOutcome {
        /// It was answered as asked.
        Success = "success",
        /// The provider refused or failed.
        ProviderError = "provider_error",
        /// It did not come as far as the provider, or this server failed.
        PlatformError = "platform_error",
    }
}
