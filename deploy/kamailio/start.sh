#!/bin/sh
# Starts Kamailio with a configuration of this folder in which the `substdef` values are those of the environment, as a container has them:
#   EDGE_HOST=172.30.0.10 EDGE_DISPATCHER_LIST=/etc/kamailio/dispatcher.list sh start.sh edge -DD -E
# What is not set in the environment stays as the file has it. Words behind the name go to Kamailio.
set -eu
config=$(dirname -- "$0")/$1.cfg
shift
made=$(mktemp)
cp "$config" "$made"
for name in $(sed -n 's/^#!substdef "!\([A-Z_]*\)!.*/\1/p' "$config"); do
  value=$(printenv "$name") || continue
  case $value in
    *[!A-Za-z0-9:./_-]*)
      echo "$name=$value: only letters, digits and : . / _ - can stand in the configuration" >&2
      exit 1
      ;;
  esac
  sed -i "s|^\(#!substdef \"!$name!\)[^!]*!|\1$value!|" "$made"
done
exec kamailio -x fm -X fm -f "$made" "$@"
