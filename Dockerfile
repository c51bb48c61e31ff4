# One static program and an empty disk. For the processor of this machine:
#   docker build -t todo-chatbot:dev .
# For others too (the page is built once, the program on each kind of processor, emulated where need be):
#   docker buildx build --platform linux/amd64,linux/arm64 -t todo-chatbot:dev .
# What is slow comes first and changes rarely: the tools, from the lock file; then the page; then the program.

ARG RUST=1.95.0

# The workspace without its sources: all that choosing and building the tools takes.
FROM --platform=$BUILDPLATFORM rust:${RUST}-bookworm AS workspace
WORKDIR /src
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY .cargo .cargo
COPY xtask xtask
COPY domain/Cargo.toml domain/
COPY app/Cargo.toml app/
COPY server/Cargo.toml server/
# Cargo wants a member's source to be there, even for another member's sake.
RUN mkdir -p domain/src app/src server/src && touch domain/src/lib.rs app/src/lib.rs server/src/main.rs server/src/lib.rs

FROM --platform=$BUILDPLATFORM rust:${RUST}-bookworm AS page
WORKDIR /src
ENV CARGO_HOME=/cache/cargo TODO_CHATBOT_CACHE=/cache/todo-chatbot CARGO_TARGET_DIR=/cache/target
COPY --from=workspace /src ./
# Trunk, wasm-bindgen and wasm-opt, at the versions the repository pins.
RUN cargo xtask tools page
COPY Trunk.toml ./
COPY assets assets
COPY domain domain
COPY app app
# Touched, because another clone's older files would not look changed to what the cache remembers; the same below.
RUN --mount=type=cache,target=/cache/cargo/registry --mount=type=cache,target=/cache/target,id=page \
    find app domain -type f -exec touch {} + && cargo xtask page --release

FROM rust:${RUST}-bookworm AS program
WORKDIR /src
ENV CARGO_HOME=/cache/cargo TODO_CHATBOT_CACHE=/cache/todo-chatbot CARGO_TARGET_DIR=/cache/target
# Which compiler of C makes static programs; where the target is another machine's, cargo would look for another name.
ENV CC_aarch64_unknown_linux_musl=musl-gcc CC_x86_64_unknown_linux_musl=musl-gcc
COPY --from=workspace /src ./
RUN cargo xtask tools binary
COPY migrations migrations
COPY domain domain
COPY app app
COPY server server
COPY --from=page /src/target/site target/site
ARG TARGETARCH
RUN --mount=type=cache,target=/cache/cargo/registry --mount=type=cache,target=/cache/target,id=program-$TARGETARCH \
    find app domain migrations server target/site -type f -exec touch {} + \
    && target="$(uname -m)-unknown-linux-musl" \
    && cargo build --locked --package server --bin todo-chatbot --profile dist --target "$target" \
    && mkdir -p /out/data /out/tmp \
    && cp "/cache/target/$target/dist/todo-chatbot" /out/

# The roots of TLS, the time zones, the migrations and the page are inside the program.
FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Todo Chatbot" \
      org.opencontainers.image.description="A to-do list with an assistant that does the work, in one program" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
COPY --from=program /out/todo-chatbot /todo-chatbot
# Owned by who runs: a new volume takes over the owner of the folder it covers.
COPY --from=program --chown=1001:1001 /out/data /data
COPY --from=program --chown=1001:1001 /out/tmp /tmp
ENV DATA_DIR=/data
USER 1001:1001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/todo-chatbot", "healthcheck"]
ENTRYPOINT ["/todo-chatbot"]
CMD ["serve"]
