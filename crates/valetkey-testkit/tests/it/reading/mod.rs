//! Reading and using credentials: what it takes, what it costs, what is recorded, and what is told to nobody.

mod journal;
mod killed;
mod lifetime;
mod silence;
mod writes;
