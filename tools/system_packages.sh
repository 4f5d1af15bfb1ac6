#!/bin/sh
# Install the broker, the database, the browser and the proxy that tests talk to, where this machine lets us.
# Where it does not, the tests that need them say so and skip (with CI=true they fail).
set -u
PATH=$PATH:/usr/sbin
missing=
command -v mosquitto >/dev/null || missing="$missing mosquitto"
command -v mosquitto_sub >/dev/null || missing="$missing mosquitto-clients"
command -v influxd >/dev/null || missing="$missing influxdb"
command -v openssl >/dev/null || missing="$missing openssl"
command -v chromium >/dev/null || missing="$missing chromium"
command -v nginx >/dev/null || missing="$missing nginx-light"
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null || { echo "no apt-get here; missing:$missing"; exit 0; }
as_root=
if [ "$(id -u)" -ne 0 ]; then
  as_root="sudo -n"
  $as_root true 2>/dev/null || { echo "not root and no sudo; missing:$missing"; exit 0; }
fi
$as_root apt-get update -qq || true
# shellcheck disable=SC2086  # both are lists of words
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null \
  || echo "could not install:$missing"
exit 0
