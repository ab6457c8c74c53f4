# Runs the program with the inputs from `with:`. Sourced by action.yml.
# shellcheck shell=sh
set -eu
# The key is in the environment here: no tool of the workspace is run, even if the job has its directories in PATH.
PATH=/usr/bin:/bin:$PATH
unset LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH

# Inputs are passed as `AEROSTACK_…`, because most shells drop variables with a dash in their name, such as `INPUT_API-KEY`.
for input in API_KEY DIRECTORY PUBLISH DRY_RUN ON_EXISTING STRATEGY ALLOW_CREATE USERNAME TAG_CHECK STRICT API_URL TIMEOUT PLAN REPORT SUMMARY SARIF; do
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
