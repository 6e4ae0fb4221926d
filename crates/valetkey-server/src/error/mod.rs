//! Errors on their way out. The only place that knows gRPC codes and HTTP statuses.

pub mod wire;
