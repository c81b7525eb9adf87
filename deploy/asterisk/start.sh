#!/bin/sh
# Starts Asterisk with the files of this folder in which the two addresses are those of the environment, as a container has them:
#   ASTERISK=172.30.0.20:5066 RINGDOWN=172.30.0.11:5060 RINGDOWN_NODES=172.30.0.11,172.30.0.12 sh start.sh /etc/asterisk -f
# The first word is where Asterisk reads its configuration, the others go to it.
set -eu
here=$(dirname -- "$0")
to=$1
shift
for name in pjsip extensions modules; do
  sed -e "s/127\.0\.0\.1:5066/$ASTERISK/g" -e "s/127\.0\.0\.1:5060/$RINGDOWN/g" \
    -e "s/^match=127\.0\.0\.1/match=$RINGDOWN_NODES/" -e "s/@127\.0\.0\.1/@${ASTERISK%:*}/g" "$here/$name.conf" > "$to/$name.conf"
done
exec asterisk "$@"
