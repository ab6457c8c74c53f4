# Gets the program for this runner and names it in the step's output `binary`. A part of action.yml, which sources it.
#
# The release that is taken is that of the action's own version, whatever ref the workflow names (`@v1`, a SHA), and what is
# downloaded is run only if it has the SHA-256 sum that stands in the action's own commit, in `SHA256SUMS`. The commit of a
# release has that file; branches have not, and are built from source.
#
# `AEROSTACK_PUBLISH_DOWNLOAD_URL` names another place to download from, a mirror say. The sums decide all the same.
# shellcheck shell=sh disable=SC2016 # backticks in messages are meant as they stand
set -eu

# Tries to download before giving up; the waits between them are 1, 2 and 4 seconds.
TRIES=4

# fail EXIT_CODE MESSAGE; the exit code says who must act, as the program's own do.
fail() {
  printf '::error title=aerostack-publish::%s\n' "$(printf '%s' "$2" | sed 's/%/%25/g' | tr '\n' ' ')"
  exit "$1"
}

found() {
  printf 'binary=%s\n' "$1" >>"$GITHUB_OUTPUT"
}

# A path as this shell writes it: Git's bash on Windows has a way of its own.
native() {
  if command -v cygpath >/dev/null; then cygpath -u "$1"; else printf '%s\n' "$1"; fi
}

# The SHA-256 sum of a file, by what this machine has for it; empty where it has nothing.
sum_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 <"$1" | sed 's/.* //'
  fi
}

# fetch URL FILE: what became of it is in $answer: `ok`, `missing` or the reason why not.
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
    # GNU's tries and waits for very long unless told otherwise, and tells the status only if asked; BusyBox's has other options.
    options=
    if wget --version >/dev/null 2>&1; then options='-S -T 20 -t 1'; fi
    # shellcheck disable=SC2086 # several words
    wget $options -O "$2" "$1" 2>"$2.log" || answer=$(tail -n 1 "$2.log")
    if [ "$answer" != ok ] && grep -q ' 404 ' "$2.log"; then answer=missing; fi
  else
    fail 2 'this runner has neither `curl` nor `wget`: install one of them before this step, or name a `binary`'
  fi
  rm -f "$2.log"
}

# build WHY: builds this very commit. Unoptimised: that is ready soonest, and has a second's work to do.
build() {
  echo "aerostack-publish $version is built from source: $1"
  command -v cargo >/dev/null ||
    fail 2 "there is no prebuilt aerostack-publish ($1), and no \`cargo\` to build it: use a release, install Rust, or name a \`binary\`"
  case ${CARGO_TARGET_DIR:-} in
    /* | [A-Za-z]:*) target_directory=$CARGO_TARGET_DIR ;;
    *) target_directory=$temporary/aerostack-publish-target ;;
  esac
  echo '::group::cargo build'
  (
    # Neither the settings of the workspace nor those of the job's own Rust code are meant for this build.
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
  # A name without a slash would be looked for on the PATH.
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
  build "no release of $version is known here for ${RUNNER_OS:-an unknown system} ${RUNNER_ARCH:-}"
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
echo "aerostack-publish $version is downloaded from $url"
wait=1 try=1
while :; do
  fetch "$url" "$part"
  case $answer in
    ok) break ;;
    missing) build "there is no $url" ;;
  esac
  if [ "$try" -eq "$TRIES" ]; then
    fail 4 "aerostack-publish $version could not be downloaded from $url: $answer. Run the job again, or name a \`binary\` that is on the runner"
  fi
  echo "that failed ($answer), next try in $wait s"
  sleep "$wait"
  wait=$((wait * 2)) try=$((try + 1))
done

actual=$(sum_of "$part")
if [ -z "$actual" ]; then
  fail 2 'this runner has none of `sha256sum`, `shasum` and `openssl`: what was downloaded could not be checked, and was not run'
fi
if [ "$actual" != "$expected" ]; then
  fail 2 "what $url answers is not the released aerostack-publish $version: its SHA-256 sum is $actual, not $expected. It was not run"
fi
chmod 755 "$part"
# In one step: a job beside this one sees the old file or the new one.
mv -f "$part" "$binary"
found "$binary"
