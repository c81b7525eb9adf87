#!/bin/sh
# Starts Ringdown with a Node that is new enough: $RINGDOWN_NODE, the npm package `node` where it is installed beside this one,
# the machine's own, or one that npm fetches once and keeps in its cache.
set -eu
least=24
fetched=24.21.0

self=$0
while [ -L "$self" ]; do
  link=$(readlink -- "$self")
  case $link in
    /*) self=$link ;;
    *) self=$(dirname -- "$self")/$link ;;
  esac
done
home=$(cd -- "$(dirname -- "$self")/.." && pwd -P)

start() {
  node=$1
  shift
  # Held requests live long: a larger young generation costs 64 MiB at most and saves a seventh of the processor time.
  exec "$node" --max-semi-space-size=64 "$home/lib/main.js" "$@"
}
# A version is asked for without starting JavaScript.
major() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  echo "${version%%.*}"
}
fits() {
  found=$(major "$1") && [ "$found" -ge "$least" ] 2>/dev/null
}

if [ -n "${RINGDOWN_NODE:-}" ]; then
  fits "$RINGDOWN_NODE" && start "$RINGDOWN_NODE" "$@"
  echo "ringdown: RINGDOWN_NODE=$RINGDOWN_NODE is no Node $least or newer; leave it out, or let it name one." >&2
  exit 1
fi
for node in "$home/../node/bin/node" node; do
  fits "$node" && start "$node" "$@"
done

here=$(node --version 2>/dev/null) || here='no Node'
echo "ringdown: Node $least or newer is needed and this machine has $here: using Node $fetched from npm." >&2
if node=$(npx --yes --package "node@$fetched" -c 'command -v node' 2>/dev/null) && fits "$node"; then
  start "$node" "$@"
fi
echo "ringdown: that did not work; install Node $least or newer, or say where one is: RINGDOWN_NODE=/path/to/node ringdown …" >&2
exit 1
