//! The inbound side: gRPC, REST and pages. Adapters authenticate, authorize, decode, call one use case and encode;
//! no rule of the business lives here.

pub mod error;
pub mod listen;
pub mod openapi;
pub mod rest;
pub mod rpc_gate;
