//! Black-box tests: the real binary against the stand-in Hub, over real HTTP, with nothing of this machine's environment.
#![expect(unreachable_pub, reason = "a test target has no outside")]

mod publishing;
mod support;
