# Image for CI jobs: one static program, a shell, `grep` and CA certificates.
#
#   docker build -t aerostack-publish .
#   docker run --rm -e AEROSTACK_API_KEY -v "$PWD:/work" aerostack-publish
#
# If the program is already built (for a multi-architecture release), its folder replaces the first stage:
#   docker build --build-context program=DIR .

FROM rust:1.95.0-alpine3.22@sha256:064dfc925d68d1a63f4fd2871bd7dc6e6ea56692989a487185855d62885d90aa AS build
WORKDIR /src
COPY . .
# With an explicit target, the flag does not apply to build scripts and macros, which cannot be static on every system.
RUN target=$(rustc --print host-tuple) \
 && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --target "$target" \
 && install -D "target/$target/release/aerostack-publish" /program/aerostack-publish

FROM scratch AS program
COPY --from=build /program/ /

# From Alpine, the image takes BusyBox with all applets, the C library, and the OS name. GitHub uses the name to choose the Node.js
# that runs actions in this container (on x64 runners only: GitHub has none for Alpine on arm64). The package manager and its
# OpenSSL are left out: they would be two thirds of the image.
FROM alpine:3.22.2@sha256:4b7ce07002c69e8f3d704a9c5d6fd3053be500b7f1c69fc0d80990c2ad8dd412 AS base
WORKDIR /base
RUN mkdir -p bin lib etc/ssl/certs usr/local/bin root tmp work \
 && chmod 1777 tmp \
 && cp /bin/busybox bin \
 && /bin/busybox --install -s bin \
 && cp -P /lib/ld-musl-* /lib/libc.musl-* lib \
 && cp -L /etc/alpine-release /etc/os-release /etc/passwd /etc/group etc \
 && cp -L /etc/ssl/certs/ca-certificates.crt etc/ssl/certs

FROM scratch
LABEL org.opencontainers.image.title="aerostack-publish" \
      org.opencontainers.image.description="Publishes Aerostack functions to the Hub from CI" \
      org.opencontainers.image.source="https://github.com/aerostackdev/aerostack-publish" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY --from=base /base/ /
COPY --from=program / /usr/local/bin/
# The working directory is for `docker run` only: GitHub and GitLab set their own. There is no `USER`, because GitHub needs root,
# and no `ENTRYPOINT`, because both start a shell.
WORKDIR /work
CMD ["aerostack-publish"]
