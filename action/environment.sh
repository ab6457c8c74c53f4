# Keeps the repository that a job has checked out from choosing the tools that the action's scripts run. Sourced by these scripts.
# shellcheck shell=sh

# Each changes what a shell, a download tool or a checksum tool does, or loads code into it.
unset BASH_ENV ENV CDPATH GREP_OPTIONS POSIXLY_CORRECT
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
