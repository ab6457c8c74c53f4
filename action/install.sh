# Installs the program for this runner and sets the step's output `binary` to its path. Sourced by action.yml.
#
# The downloaded release is always the action's own version, whichever ref the workflow uses (`@v1.2.3`, a SHA). A downloaded file is
# run only if its SHA-256 checksum is listed in `SHA256SUMS` in the action's own commit. Release commits contain that file;
# branches do not, and are built from source.
#
# `AEROSTACK_PUBLISH_DOWNLOAD_URL` sets a different download location, such as a mirror. The checksum is verified in any case.
# shellcheck shell=sh disable=SC2016 # backticks in messages are literal
set -eu

# Download attempts, with delays of 1, 2 and 4 seconds in between.
TRIES=4

# fail EXIT_CODE MESSAGE: the exit codes have the same meaning as the program's own.
fail() {
  printf '::error title=aerostack-publish::%s\n' "$(printf '%s' "$2" | sed 's/%/%25/g' | tr '\n' ' ')"
  exit "$1"
}

found() {
  printf 'binary=%s\n' "$1" >>"$GITHUB_OUTPUT"
}

# Converts a path to this shell's format: Git's bash on Windows has its own.
native() {
  if command -v cygpath >/dev/null; then cygpath -u "$1"; else printf '%s\n' "$1"; fi
}

# Prints the SHA-256 checksum of a file, with the tool that this machine has; prints nothing if it has none.
sum_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 <"$1" | sed 's/.* //'
  fi
}

# fetch URL FILE: sets $answer to `ok`, `missing` or the reason for the failure.
fetch() {
  answer=ok
  if command -v curl >/dev/null; then
    status=$(curl --silent --show-error --location --connect-timeout 20 --max-time 300 \
      --write-out '%{http_code}' --output "$2" "$1" 2>"$2.log") || answer=$(cat "$2.log")
    case $answer$status in
      ok200) ;;
      ok404) answer=missing ;;
      ok*) answer="HTTP status $status" ;;
    esac
  elif command -v wget >/dev/null; then
    # GNU wget needs options to limit retries and time-outs and to print the status; BusyBox wget does not have these options.
    options=
    if wget --version >/dev/null 2>&1; then options='-S -T 20 -t 1'; fi
    # shellcheck disable=SC2086 # several words
    wget $options -O "$2" "$1" 2>"$2.log" || answer=$(tail -n 1 "$2.log")
    if [ "$answer" != ok ] && grep -q ' 404 ' "$2.log"; then answer=missing; fi
  else
    fail 2 'this runner has neither `curl` nor `wget`: install one of them before this step, or set the input `binary`'
  fi
  rm -f "$2.log"
}

# build REASON: builds this commit from source. A debug build is ready soonest, and fast enough for the work to do.
build() {
  echo "aerostack-publish $version is built from source: $1"
  command -v cargo >/dev/null ||
    fail 2 "there is no prebuilt aerostack-publish ($1), and no \`cargo\` to build it: use a release, install Rust, or set the input \`binary\`"
  case ${CARGO_TARGET_DIR:-} in
    /* | [A-Za-z]:*) target_directory=$CARGO_TARGET_DIR ;;
    *) target_directory=$temporary/aerostack-publish-target ;;
  esac
  echo '::group::cargo build'
  (
    # The workspace's cargo configuration and the job's own Rust settings must not affect this build.
    cd "$(native "$GITHUB_ACTION_PATH")"
    unset RUSTFLAGS CARGO_BUILD_TARGET RUSTUP_TOOLCHAIN
    cargo build --locked --bin aerostack-publish --target-dir "$target_directory"
  ) || {
    echo '::endgroup::'
    fail 2 'aerostack-publish could not be built from source'
  }
  echo '::endgroup::'
  found "$(native "$target_directory")/debug/aerostack-publish$exe"
  exit 0
}

exe=
case ${RUNNER_OS:-} in
  Linux) system=unknown-linux-musl ;;
  macOS) system=apple-darwin ;;
  Windows) system=pc-windows-msvc exe=.exe ;;
  *) system=unknown ;;
esac
case ${RUNNER_ARCH:-} in
  X64) machine=x86_64 ;;
  ARM64) machine=aarch64 ;;
  *) machine=unknown ;;
esac
temporary=$(native "${RUNNER_TEMP:-/tmp}")

if [ -n "$BINARY" ]; then
  binary=$(native "$BINARY")
  [ -f "$binary" ] || fail 2 "input \`binary\`: there is no file \`$BINARY\`"
  # A name without a slash would be looked up in PATH.
  case $binary in
    */*) found "$binary" ;;
    *) found "./$binary" ;;
  esac
  exit 0
fi

here=$(native "$GITHUB_ACTION_PATH")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml" | head -n 1)
asset=aerostack-publish-v$version-$machine-$system$exe

if [ ! -f "$here/SHA256SUMS" ]; then
  build 'this commit is no release'
fi
expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$asset\$/\1/p" "$here/SHA256SUMS" | head -n 1)
if [ -z "$expected" ]; then
  build "release $version has no binary for ${RUNNER_OS:-an unknown system} ${RUNNER_ARCH:-}"
fi

cache=$(native "${RUNNER_TOOL_CACHE:-$temporary}")/aerostack-publish/$version/$machine
if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
  cache=$temporary/aerostack-publish/$version/$machine
  mkdir -p "$cache"
fi
binary=$cache/aerostack-publish$exe
if [ -f "$binary" ] && [ "$(sum_of "$binary")" = "$expected" ]; then
  echo "aerostack-publish $version is in the tool cache"
  found "$binary"
  exit 0
fi

repository=${ACTION_REPOSITORY:-aerostackdev/aerostack-publish}
url=${AEROSTACK_PUBLISH_DOWNLOAD_URL:-https://github.com/$repository/releases/download/v$version}/$asset
part=$(mktemp "$binary.XXXXXX")
trap 'rm -f "$part" "$part.log"' EXIT
echo "downloading aerostack-publish $version from $url"
wait=1 try=1
while :; do
  fetch "$url" "$part"
  case $answer in
    ok) break ;;
    missing) build "there is no $url" ;;
  esac
  if [ "$try" -eq "$TRIES" ]; then
    fail 4 "aerostack-publish $version could not be downloaded from $url: $answer. Run the job again, or set the input \`binary\` to a file on the runner"
  fi
  echo "download failed ($answer), retrying in $wait s"
  sleep "$wait"
  wait=$((wait * 2)) try=$((try + 1))
done

actual=$(sum_of "$part")
if [ -z "$actual" ]; then
  fail 2 'this runner has none of `sha256sum`, `shasum` and `openssl`: the download could not be verified and was not run'
fi
if [ "$actual" != "$expected" ]; then
  fail 2 "the file at $url is not the released aerostack-publish $version: its SHA-256 checksum is $actual, expected $expected. It was not run"
fi
chmod 755 "$part"
# Atomic: a concurrent job sees either the old file or the new one.
mv -f "$part" "$binary"
found "$binary"
