#!/usr/bin/env bash
# Everything that is done with this repository. Needs the .NET SDK; `test` installs the servers it needs where they are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
solution=PushFanout.sln
cli=src/Cli/pushfanout.csproj

usage() {
  cat <<'TEXT'
usage: ./build.sh COMMAND [ARGUMENTS]

  demo                 build, then a whole send on embedded parts; over in about half a minute
  test [FILTER]        every test, on a real RabbitMQ, Redis, Prometheus, nginx, h2o and nghttpd (installed where missing; the first
                       two may be given by PUSHFANOUT_TEST_RABBITMQ and PUSHFANOUT_TEST_REDIS); FILTER as in dotnet test --filter.
                       Those of minutes only when asked for: ./build.sh test Length=Long
  run ARGUMENTS        the pushfanout command line, for example: ./build.sh run dev
  format [--check]     put the code in the house format, or say where it is not
  chaos ARGUMENTS      workers killed and servers broken while an oracle counts every push; ./build.sh chaos --help
  bench pipeline [N]   import, expansion, single and broadcast sends measured on this machine, on servers of its own;
                       --fast-sink: broadcasts only, to an APNs that costs next to nothing;
                       --scrape: what it costs a worker when somebody reads /metrics every second
                       --status-reads=N: the same of N reads of a send's status a second
  bench urgent [N]     how long single sends take while a bulk and a normal send to N devices each run
  bench engine         the APNs client beside h2load and HttpClient, against a fast sink, nginx and h2o (installed where missing)
                       [--rounds N] [--pushes N] [--sinks NAME,..] [--clients NAME,..] [--json FILE]
  bench fuzz [N]       N spoiled inputs (default 10 million) for all that reads what an APNs server sends
  bench plot FILE.json OUT.svg
                       draws what bench engine wrote
  docs                 writes the tables in docs/settings.md anew from the options
  pack                 NuGet packages into artifacts/packages
TEXT
}

# Installs the servers that the tests start as child processes of their own; nothing is left running by the installation.
install_servers() {
  if [[ -n "${PUSHFANOUT_TEST_RABBITMQ:-}" && -n "${PUSHFANOUT_TEST_REDIS:-}" ]]; then return; fi
  if have_servers; then return; fi
  if command -v apt-get >/dev/null; then install_with_apt rabbitmq-server redis-server redis-tools
  elif command -v brew >/dev/null; then brew install rabbitmq redis
  fi
  have_servers || {
    echo "The tests need the programs rabbitmq-server and redis-server. Install them, or name running servers in" >&2
    echo "PUSHFANOUT_TEST_RABBITMQ (amqp://...) and PUSHFANOUT_TEST_REDIS (host:port)." >&2
    exit 1
  }
}

have_servers() {
  { command -v redis-server >/dev/null; } &&
    { command -v rabbitmq-server >/dev/null || compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server' >/dev/null; }
}

# Prometheus and promtool, which the tests of metrics, dashboards and alerts start themselves.
install_prometheus() {
  if have_programs prometheus promtool; then return; fi
  if command -v apt-get >/dev/null; then install_with_apt prometheus
  elif command -v brew >/dev/null; then brew install prometheus
  fi
  have_programs prometheus promtool || { echo "The tests need the programs prometheus and promtool." >&2; exit 1; }
}

# Other people's HTTP/2 servers and clients, which ours is tested with and measured beside.
install_http2_programs() {
  if have_programs "$@"; then return; fi
  if command -v apt-get >/dev/null; then install_with_apt nginx h2o nghttp2-client nghttp2-server
  elif command -v brew >/dev/null; then brew install nginx h2o nghttp2
  fi
  have_programs "$@" || { echo "This needs the programs $*." >&2; exit 1; }
}

have_programs() {
  local program
  for program in "$@"; do
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || return 1
  done
}

install_with_apt() {
  local sudo='' policy=/usr/sbin/policy-rc.d made=0
  [[ $(id -u) == 0 ]] || sudo=sudo
  # Debian starts a service as soon as it is installed; the tests want processes of their own.
  if [[ ! -e $policy ]]; then printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null; $sudo chmod +x "$policy"; made=1; fi
  export DEBIAN_FRONTEND=noninteractive
  local failed=0
  { [[ -n ${apt_updated:-} ]] || $sudo apt-get update -q >/dev/null; } && apt_updated=1 &&
    $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" >/dev/null || failed=1
  if [[ $made == 1 ]]; then $sudo rm -f "$policy"; fi
  [[ $failed == 0 ]] || echo "apt-get could not install: $*" >&2
}

# Runs every test project and ends with one line over all of them: N passed, N failed.
run_tests() {
  install_servers
  install_prometheus
  install_http2_programs nginx h2o nghttpd
  dotnet build "$solution" -c Release -v quiet --nologo
  local filter=${1:-} results passed=0 failed=0 status=0 project beside=()
  [[ $filter == *Length=Long* ]] || filter="${filter:+($filter)&}Length!=Long"
  results=$(mktemp -d)
  trap 'rm -rf "$results"' RETURN
  # The integration tests mostly wait for servers, workers and faults; the other projects run beside them, one after the other.
  for project in tests/*.Tests; do
    [[ $project == *Integration.Tests ]] || beside+=("$project")
  done
  local lanes=()
  set -m # each lane is a process group of its own, which a signal ends as a whole; without, its programs would ignore SIGINT
  test_projects "$filter" "$results" tests/*Integration.Tests & lanes+=($!)
  { renice -n 5 "$BASHPID" >/dev/null; test_projects "$filter" "$results" "${beside[@]}"; } & lanes+=($!)
  set +m
  trap 'kill -- "${lanes[@]/#/-}" 2>/dev/null; exit 130' INT TERM
  wait "${lanes[0]}" || status=1
  wait "${lanes[1]}" || status=1
  trap - INT TERM
  local file counters
  for file in "$results"/*.trx; do
    [[ -e $file ]] || continue
    counters=$(grep -o '<Counters [^>]*' "$file")
    passed=$((passed + $(sed 's/.* passed="\([0-9]*\)".*/\1/' <<<"$counters")))
    failed=$((failed + $(sed 's/.* failed="\([0-9]*\)".*/\1/' <<<"$counters") + $(sed 's/.* error="\([0-9]*\)".*/\1/' <<<"$counters") + $(sed 's/.* timeout="\([0-9]*\)".*/\1/' <<<"$counters")))
  done
  if [[ $status != 0 && $failed == 0 ]]; then failed=1; fi # a test host that crashed counts
  echo "$passed passed, $failed failed"
  [[ $failed == 0 && $passed -gt 0 ]]
}

# FILTER RESULTS PROJECT...: one project after the other; what each says comes out whole at its end.
test_projects() {
  local filter=$1 results=$2 project name status=0
  shift 2
  for project in "$@"; do
    name=$(basename "$project")
    dotnet test "$project" -c Release --no-build --nologo -v quiet --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
      --filter "$filter" >"$results/$name.log" 2>&1 || status=1
    cat "$results/$name.log"
  done
  return "$status"
}

# What is between the two marks comes from the code; a test says when it is not current.
write_settings_page() {
  local page=docs/settings.md tables
  tables=$(dotnet run -c Release --no-launch-profile --project "$cli" -- worker --list-settings)
  TABLES=$tables awk '/<!-- settings: end -->/ { print ENVIRON["TABLES"]; print ""; inside = 0 }
    !inside { print }
    /<!-- settings: begin/ { print ""; inside = 1 }' "$page" >"$page.new"
  mv "$page.new" "$page"
}

command=${1:-}
[[ $# -gt 0 ]] && shift
case "$command" in
  demo) dotnet run -c Release --no-launch-profile --project "$cli" -- demo "$@" ;;
  run) dotnet run -c Release --no-launch-profile --project "$cli" -- "$@" ;;
  test) run_tests "$@" ;;
  # Style and analyzers are checked by every build, whose warnings are errors: what is left to check is white space, imports and charset.
  format) if [[ "${1:-}" == --check ]]; then dotnet format whitespace "$solution" --verify-no-changes; else dotnet format "$solution"; fi ;;
  bench)
    case "${1:-}" in
      engine) install_http2_programs nginx h2o h2load ;;
      pipeline | urgent) install_servers ;;
    esac
    dotnet run -c Release --project bench/PushFanout.Bench -- "$@"
    ;;
  chaos) install_servers; dotnet run -c Release --project tests/Chaos -- "$@" ;;
  docs) write_settings_page ;;
  pack) dotnet pack "$solution" -c Release -o artifacts/packages --nologo "$@" ;;
  '' | -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
