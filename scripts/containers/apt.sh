#!/bin/sh
# Installs packages inside an image that is being built. a|b: whichever this release of Debian has.
#   apt.sh ARCHIVE PACKAGE…   ARCHIVE: empty, or a dated archive such as 20261101T000000Z on snapshot.debian.org
set -eu
archive=$1
shift
options='-o Acquire::Check-Valid-Until=false -o Acquire::Retries=3'
if [ -n "$archive" ]; then
  . /etc/os-release
  rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
  for part in "debian $VERSION_CODENAME" "debian $VERSION_CODENAME-updates" "debian-security $VERSION_CODENAME-security"; do
    echo "deb http://snapshot.debian.org/archive/${part%% *}/$archive ${part#* } main" >> /etc/apt/sources.list
  done
fi
apt-get $options update -qq

chosen=''
for entry in "$@"; do
  for name in $(echo "$entry" | tr '|' ' '); do
    if [ -n "$(apt-cache show --no-all-versions "$name" 2>/dev/null)" ]; then chosen="$chosen $name"; break; fi
  done
done
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $chosen > /dev/null
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/ldconfig/aux-cache /var/log/*.log /var/log/apt
