//! What the demo, the developer's server and the tests share: a provider that misbehaves on demand, a small scripted
//! browser, and a whole server in the test's own process.

pub mod app;
pub mod browser;
pub mod provider;
