#!/bin/sh
# Makes what deploy/compose.yaml keeps in files: `sh deploy/compose/secrets.sh [folder]`. What is there already stays as it is.
set -eu
umask 077
folder=${1:-$(dirname -- "$0")/../secrets}
mkdir -p "$folder"
cd "$folder"

# 32 characters of chance.
password() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
for name in valkey-password drachtio-secret monitoring-token grafana-password anna-password ben-password admin-password phone-password client-password; do
  [ -e "$name" ] || password > "$name"
done

# The rights packages/session-store/SPEC.md lists, and nobody else.
if [ ! -e valkey-users.acl ]; then
  hash=$(sha256sum < valkey-password | cut -d ' ' -f 1)
  {
    echo 'user default off'
    echo "user ringdown on #$hash ~rd:* &rd:* +eval +evalsha +get +set +del +incr +hget +hmget +hset +hdel +hlen +hgetall" \
      '+hincrby +zadd +zrem +zcard +zrange +zrangebyscore +zremrangebyscore +xadd +xtrim +xrange +xrevrange +xinfo|stream' \
      '+scan +pexpire +persist +pttl +time +info +config|get +ping +spublish +ssubscribe +sunsubscribe +bgrewriteaof'
    echo 'user health on nopass +ping'
  } > valkey-users.acl
fi
# The containers read them as users of their own; the folder lets nobody else in.
chmod 0700 .
chmod 0444 ./*
echo "The secrets are in $(pwd); anna, ben and admin log in with what is in theirs."
