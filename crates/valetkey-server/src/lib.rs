//! The inbound side: gRPC, REST and pages. Adapters authenticate, authorize, decode, call one use case and encode;
//! no rule of the business lives here.

pub mod docs;
pub mod error;
pub mod hosted;
mod http;
pub mod listen;
pub mod openapi;
mod operator;
mod proxy;
pub mod rest;
pub mod rpc;
pub mod rpc_gate;
mod site;

pub use proxy::Front;
pub use site::router;
