#!/usr/bin/env bash
# Everything a developer does with this repository. Needs the .NET SDK; `test` installs what else it needs.
set -euo pipefail
cd "$(dirname "$0")"
case "${1:-}" in
  format) shift; if [[ "${1:-}" == --check ]]; then dotnet format PushFanout.sln --verify-no-changes; else dotnet format PushFanout.sln; fi ;;
  *) echo "usage: ./build.sh format [--check]" >&2; exit 2 ;;
esac
