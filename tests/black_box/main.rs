//! Black-box tests: the real binary against the stand-in Hub, over real HTTP, with nothing of this machine's environment.

mod publishing;
mod support;
