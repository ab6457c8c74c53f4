# Runs the program with the inputs of `with:`. A part of action.yml, which sources it.
# shellcheck shell=sh
set -eu

# The program reads `AEROSTACK_…`: `INPUT_API-KEY` would be lost here, most shells pass on no name with a dash.
for input in API_KEY DIRECTORY PUBLISH DRY_RUN ON_EXISTING STRATEGY ALLOW_CREATE USERNAME TAG_CHECK STRICT API_URL TIMEOUT REPORT; do
  eval "given=\$WITH_$input"
  # shellcheck disable=SC2154 # assigned by `eval`
  if [ -n "$given" ]; then
    export "AEROSTACK_$input=$given"
  fi
  unset "WITH_$input"
done

# Runners made after GitHub's hand over `INPUT_…` as well, defaults and all; those would win over what was given.
# shellcheck disable=SC2016,SC2046 # the inner shell expands; one word each
exec env $(env | sed -n 's/^\(INPUT_[A-Z_-]*\)=.*/-u \1/p') sh -c 'exec "$0"' "$BINARY"
