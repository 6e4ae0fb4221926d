//! Background work: idempotent, without input, bounded, and safe to run on several replicas at once.

mod background;
mod revoke;
mod sweep;
