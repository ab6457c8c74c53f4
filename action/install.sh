# Installs the program for this runner and sets the step's output `binary` to its path. Sourced by action.yml.
#
# The downloaded release is always the action's own version, whichever ref the workflow uses (`@v1.2.3`, a SHA). A program is run
# only if its SHA-256 checksum is listed in `SHA256SUMS` in the action's own commit, and what is run is the copy that was hashed: it
# is in a directory that only this user can open. The tool cache is shared by jobs, so its file is copied there before it is hashed.
#
# Release commits contain `SHA256SUMS`. Branches do not, and are built from source. A release never is: whatever a server answers,
# no other program takes its place.
#
# `AEROSTACK_PUBLISH_DOWNLOAD_URL` sets a different download location, such as a mirror. The checksum is verified in any case.
# shellcheck shell=sh disable=SC2016 # backticks in messages are literal
set -eu
umask 077
# Each changes what a shell, gzip, a download tool or a checksum tool does, or loads code into it.
unset BASH_ENV ENV CDPATH GREP_OPTIONS GZIP POSIXLY_CORRECT
unset OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES PERL5OPT PERL5LIB PERL5DB PERLLIB LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES

# outside_workspace LIST: prints the directories of a list such as PATH that are absolute paths and not in the workspace. A
# pull request can add a `curl` to `node_modules/.bin`, which workflows often have in their PATH.
outside_workspace() (
  set -f
  IFS=:
  cd -P "${GITHUB_WORKSPACE:-.}" 2>/dev/null || cd /
  workspace=$PWD kept=
  for entry in $1; do
    case $entry in
      /*) cd -P "$entry" 2>/dev/null || continue ;;
      *) continue ;;
    esac
    case $workspace:$PWD/ in
      /:*) ;;
      "$workspace:$workspace"/*) continue ;;
    esac
    kept=$kept${kept:+:}$entry
  done
  printf '%s\n' "$kept"
)

PATH=$(outside_workspace "$PATH")
for list in LD_LIBRARY_PATH DYLD_LIBRARY_PATH; do
  eval "given=\${$list-}"
  # shellcheck disable=SC2154 # assigned by `eval`
  if [ -n "$given" ]; then
    eval "$list=\$(outside_workspace \"\$given\")"
    # An empty list means the working directory.
    eval "[ -n \"\$$list\" ]" || unset "$list"
  fi
done
# Messages of tools are searched for English words and shown.
export LC_ALL=C

# Download attempts, with delays of 1, 2 and 4 seconds in between.
TRIES=4
# A program has about 5 MB. `ulimit` counts in blocks of 512 or 1,024 bytes: at most 100 or 200 MB are downloaded.
MAX_BLOCKS=204800
# What is decompressed at most, 64 MiB: a small file can decompress to as much as the disk holds.
MAX_BYTES=67108864
OFFICIAL=https://github.com/aerostackdev/aerostack-publish/releases/download

# What a build from source gets of the job's environment, where it is set: a job's settings for its own Rust code, such as
# RUSTFLAGS, RUSTC_WRAPPER or CARGO_BUILD_TARGET_DIR, would change the program. The last lines are needed on Windows only.
KEPT_BY_BUILD="PATH HOME
  HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR CARGO_HTTP_CAINFO
  SYSTEMROOT SystemRoot SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP OS USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA
  ALLUSERSPROFILE ProgramData PROGRAMDATA ProgramFiles PROGRAMFILES ProgramW6432 PROCESSOR_ARCHITECTURE NUMBER_OF_PROCESSORS"

# fail EXIT_CODE MESSAGE: the exit codes have the same meaning as the program's own.
fail() {
  printf '::error title=aerostack-publish::%s\n' "$(printf '%s' "$2" | sed 's/%/%25/g' | tr '\r\n' '  ')"
  exit "$1"
}

found() {
  printf 'binary=%s\n' "$1" >>"$GITHUB_OUTPUT"
}

# Converts a path to this shell's format: Git's bash on Windows has its own.
native() {
  if command -v cygpath >/dev/null; then cygpath -u "$1"; else printf '%s\n' "$1"; fi
}

# Sets $private to a new directory that only this user can open, which is removed if the step fails. The runner empties the
# folder it is in after the job.
make_private() {
  private=$(mktemp -d "$temporary/aerostack-publish.XXXXXXXXXX") ||
    fail 2 "no directory can be created in \`$temporary\`, the runner's temporary folder (RUNNER_TEMP)"
  trap 'status=$?; [ "$status" -eq 0 ] || rm -rf "$private"; exit "$status"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
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

# fetch URL FILE: sets $status to the HTTP status, if there was one, $answer to `ok` or the reason for the failure, and $is_final to
# `yes` if another attempt would fail too. Settings of the user (`.curlrc`, `.wgetrc`, `.netrc`) are not read: they can name other
# files and other servers.
fetch() {
  answer=ok code=0 is_final=
  if command -v curl >/dev/null; then
    status=$(ulimit -f "$MAX_BLOCKS" 2>/dev/null || :
      curl -q --silent --show-error --location --globoff --proto '=http,https' --connect-timeout 20 --max-time 300 \
        --write-out '%{http_code}' --output "$2" --url "$1" 2>"$private/log") || code=$? answer=$(cat "$private/log")
    # A URL that is none, and a certificate that is not trusted (curl manual, "Exit codes").
    case $code in 3 | 60 | 77) is_final=yes ;; esac
  elif command -v wget >/dev/null; then
    # GNU wget needs options to limit retries and time-outs and to print the status; BusyBox wget does not have these options.
    options=
    if wget --version >/dev/null 2>&1; then options='--no-config --no-netrc --server-response --timeout=20 --tries=1'; fi
    # shellcheck disable=SC2086 # several words
    (ulimit -f "$MAX_BLOCKS" 2>/dev/null || :
      wget $options -O "$2" "$1" 2>"$private/log") || code=$? answer=$(tail -n 1 "$private/log")
    # Such a certificate, of GNU wget (its manual, "Exit Status").
    case $code in 5) is_final=yes ;; esac
    status=$(sed -n 's/.*HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$private/log" | tail -n 1)
    # Its last line need not say why; BusyBox wget prints no status of a success.
    case $answer:$status in
      ok:*) status=200 ;;
      *:[345]??) answer="HTTP status $status" ;;
    esac
  else
    fail 2 'this runner has neither `curl` nor `wget`: install one of them before this step, or set the input `binary`'
  fi
  if [ "$answer" = ok ] && [ "$status" != 200 ]; then answer="HTTP status $status"; fi
  # A server's words are shown in one line, and without the characters that make a line a command of the runner.
  answer=$(printf '%s' "${answer:-the file is too large}" | tr '\r\n#' '   ')
}

# download NAME FILE: downloads a file of the release. Only what may be over in a few seconds is tried again; if the server has no
# such file or refuses it, returns 1 with the reason in $answer.
download() {
  repository=${ACTION_REPOSITORY:-aerostackdev/aerostack-publish}
  url=${AEROSTACK_PUBLISH_DOWNLOAD_URL:-https://github.com/$repository/releases/download/v$version}/$1
  case $url in
    http://* | https://*) ;;
    *) fail 2 "AEROSTACK_PUBLISH_DOWNLOAD_URL must start with \`https://\` or \`http://\`" ;;
  esac
  # A mirror's user name and password are not shown.
  shown=$(printf '%s' "$url" | sed 's|^\([a-z]*://\)[^/]*@|\1|')
  if [ -n "${AEROSTACK_PUBLISH_DOWNLOAD_URL:-}" ]; then
    advice="Copy this file of the release to the location in AEROSTACK_PUBLISH_DOWNLOAD_URL, or unset that variable"
  else
    advice="Use a version that \`$repository\` has released, or set AEROSTACK_PUBLISH_DOWNLOAD_URL to \`$OFFICIAL/v$version\`"
  fi
  printf 'downloading aerostack-publish %s from %s\n' "$version" "$shown"
  wait=1 try=1
  while :; do
    fetch "$url" "$2"
    case $answer:$status in
      ok:*) return ;;
      *:408 | *:425 | *:429) ;;
      *:[34]??) return 1 ;;
    esac
    if [ -n "$is_final" ]; then
      fail 2 "aerostack-publish $version could not be downloaded from $shown: $answer. Correct the URL, or let this runner trust the server's certificate"
    fi
    if [ "$try" -eq "$TRIES" ]; then
      fail 4 "aerostack-publish $version could not be downloaded from $shown: $answer. Run the job again, or set the input \`binary\` to a file on the runner"
    fi
    printf 'download failed (%s), retrying in %s s\n' "$answer" "$wait"
    sleep "$wait"
    wait=$((wait * 2)) try=$((try + 1))
  done
}

# Downloads the program to $program, compressed if this machine can decompress it: less than half as many bytes. A mirror may have
# the uncompressed file only. Whatever comes out, its checksum decides, and $form is how to refer to it.
obtain() {
  packed=$private/packed form=its
  if command -v gzip >/dev/null; then
    if download "$asset.gz" "$packed"; then
      # With `-f`, most gzip programs copy what is not compressed: some servers decompress files on their own.
      { gzip -cdf <"$packed" | head -c "$MAX_BYTES" >"$program"; } 2>"$private/gzip" || :
      rm -f "$packed"
      form="decompressed, its"
      return
    fi
    printf '%s: %s. Downloading the uncompressed file\n' "$shown" "$answer"
  fi
  download "$asset" "$program" && return
  case $status in
    404 | 410) fail 2 "there is no $shown ($answer). $advice" ;;
    *) fail 2 "$shown could not be downloaded: $answer. $advice" ;;
  esac
}

# Puts a copy of the program into the tool cache, which later jobs need not download. Whatever is there is removed: a link is
# not followed, and a directory is not moved into. A cache that cannot be written is no error.
cache_program() {
  [ -n "$cache" ] || return 0
  folder=$tools
  for name in aerostack-publish "$version" "$machine"; do
    folder=$folder/$name
    if [ -L "$folder" ] || { [ -e "$folder" ] && [ ! -d "$folder" ]; }; then rm -f "$folder" || return 0; fi
  done
  (umask 022 && mkdir -p "$cache") || return 0
  part=$(mktemp "$cache/new.XXXXXXXXXX") || return 0
  if cat "$program" >"$part" && chmod 755 "$part" && rm -rf "$cached" && mv -f "$part" "$cached"; then return 0; fi
  rm -f "$part" || :
}

# Builds this commit from source. A debug build is ready soonest, and fast enough for the work to do.
build() {
  echo "aerostack-publish $version is built from source: this commit is no release"
  command -v cargo >/dev/null ||
    fail 2 'there is no prebuilt aerostack-publish (this commit is no release), and no `cargo` to build it: use a release, install Rust, or set the input `binary`'
  set -- "TMPDIR=$private" "CARGO_HOME=$private/cargo"
  for name in $KEPT_BY_BUILD; do
    eval "value=\${$name-}"
    # shellcheck disable=SC2154 # assigned by `eval`
    if [ -n "$value" ]; then set -- "$@" "$name=$value"; fi
  done
  # These two need more than a copy: a toolchain in the workspace is not used, and a shell cannot name the other variable.
  value=$(outside_workspace "$(native "${RUSTUP_HOME:-}")")
  if [ -n "$value" ]; then set -- "$@" "RUSTUP_HOME=$value"; fi
  value=$(env | sed -n 's/^ProgramFiles(x86)=//p' | head -n 1)
  if [ -n "$value" ]; then set -- "$@" "ProgramFiles(x86)=$value"; fi
  echo '::group::cargo build'
  (
    # Cargo and rustup read settings from the working directory and the directories above it, so it is none of a repository. Cargo's home
    # directory is new: it has no settings and no packages that another job could have changed.
    cd /
    env -i "$@" cargo build --locked --manifest-path "$here/Cargo.toml" --bin aerostack-publish --target-dir "$private/target"
  ) || {
    echo '::endgroup::'
    fail 2 'aerostack-publish could not be built from source'
  }
  echo '::endgroup::'
  mv "$private/target/debug/aerostack-publish$exe" "$program"
  rm -rf "$private/target" "$private/cargo"
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

if [ -n "$BINARY" ]; then
  binary=$(native "$BINARY")
  [ -f "$binary" ] || fail 2 "input \`binary\`: there is no file \`$BINARY\`"
  [ -x "$binary" ] || fail 2 "input \`binary\`: \`$BINARY\` is not executable: run \`chmod +x\` in an earlier step"
  # A name without a slash would be looked up in PATH.
  case $binary in
    */*) found "$binary" ;;
    *) found "./$binary" ;;
  esac
  exit 0
fi

here=$(native "$GITHUB_ACTION_PATH")
temporary=$(native "${RUNNER_TEMP:-/tmp}")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml" | head -n 1)
asset=aerostack-publish-v$version-$machine-$system$exe
make_private
program=$private/aerostack-publish$exe

if [ ! -e "$here/SHA256SUMS" ] && [ ! -L "$here/SHA256SUMS" ]; then
  build
  found "$program"
  exit 0
fi

[ -f "$here/SHA256SUMS" ] || fail 2 "\`$here/SHA256SUMS\` is not a file: the action is incomplete"
expected=
while read -r sum name || [ -n "$sum" ]; do
  if [ "${name#\*}" = "$asset" ]; then expected=$sum; fi
done <"$here/SHA256SUMS"
if [ -z "$expected" ]; then
  fail 2 "release $version has no program for this runner (${RUNNER_OS:-unknown system}, ${RUNNER_ARCH:-unknown architecture}): \`SHA256SUMS\` does not list $asset. Build it on a runner of this kind, and set the input \`binary\`"
fi

cache='' tools=$(native "${RUNNER_TOOL_CACHE:-}")
if [ -n "$tools" ]; then cache=$tools/aerostack-publish/$version/$machine; fi
cached=$cache/aerostack-publish$exe
# Without its run bit, another program would not find it: it is written again.
if [ -n "$cache" ] && [ -f "$cached" ] && [ ! -L "$cached" ] && [ -x "$cached" ] && head -c "$MAX_BYTES" "$cached" >"$program" 2>/dev/null &&
  [ "$(sum_of "$program")" = "$expected" ]; then
  echo "aerostack-publish $version is in the tool cache"
else
  obtain
  actual=$(sum_of "$program")
  if [ -z "$actual" ]; then
    fail 2 'this runner has none of `sha256sum`, `shasum` and `openssl`: the download could not be verified and was not run'
  fi
  if [ "$actual" != "$expected" ]; then
    reason="$form SHA-256 checksum is $actual, expected $expected"
    if head -c 1024 "$program" | grep -qi -e '<html' -e '<!doctype'; then
      reason="it is a web page, as a proxy or a login of a mirror sends it"
    elif [ "$(wc -c <"$program")" -ge "$MAX_BYTES" ]; then
      reason="$form size is more than 64 MiB"
    elif [ -s "$private/gzip" ]; then
      reason="it could not be decompressed ($(tail -n 1 "$private/gzip"))"
    fi
    fail 2 "the file at $shown is not the released aerostack-publish $version: $reason. It was not run. $advice"
  fi
  cache_program 2>/dev/null
fi
chmod 700 "$program"
found "$program"
