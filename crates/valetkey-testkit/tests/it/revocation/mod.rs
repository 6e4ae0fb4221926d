//! The end of a credential here, and at its provider.

mod access;
mod provider;
