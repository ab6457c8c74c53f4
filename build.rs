//! Makes the released program smaller, as far as the linker can.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script by its environment")]

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=no-unwind-tables.ld");
    if var("PROFILE").as_deref() != Ok("release") || var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let directory = var("CARGO_MANIFEST_DIR").unwrap_or_default();
    // Addresses to adjust at the start are packed (glibc 2.36, musl 1.2.4; linkers that can't do it only warn).
    for argument in [format!("-T{directory}/no-unwind-tables.ld"), "-Wl,-z,pack-relative-relocs".to_owned()] {
        println!("cargo::rustc-link-arg-bin=aerostack-publish={argument}");
    }
}
