# Runs the program with the inputs from `with:`. Sourced by action.yml.
# shellcheck shell=sh
set -eu
# shellcheck source=action/environment.sh
. "$GITHUB_ACTION_PATH/action/environment.sh"

# Inputs are passed as `AEROSTACK_…`, because most shells drop variables with a dash in their name, such as `INPUT_API-KEY`.
for input in API_KEY DIRECTORY PUBLISH DRY_RUN ON_EXISTING STRATEGY ALLOW_CREATE USERNAME TAG_CHECK STRICT API_URL TIMEOUT REPORT; do
  eval "given=\$WITH_$input"
  # shellcheck disable=SC2154 # assigned by `eval`
  if [ -n "$given" ]; then
    export "AEROSTACK_$input=$given"
  fi
  unset "WITH_$input"
done

# Other runners (such as act) also set `INPUT_…`, which would take precedence over the variables above.
# shellcheck disable=SC2016,SC2046 # the inner shell expands; one word each
exec env $(env | sed -n 's/^\(INPUT_[A-Z_-]*\)=.*/-u \1/p') sh -c 'exec "$0"' "$BINARY"
