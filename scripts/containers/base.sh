#!/bin/bash
# Makes a minimal Debian root file system from Debian's packages, for hosts that reach no image registry.
#   base.sh SUITE OUTPUT.tar [MIRROR [SECURITY_MIRROR]]
# The same packages give the same bytes: names sorted, times fixed. Needs mmdebstrap; root or user namespaces.
set -euo pipefail
suite=$1 output=$2
mirror=${3:-http://deb.debian.org/debian} security=${4:-http://deb.debian.org/debian-security}

command -v mmdebstrap >/dev/null || { echo "mmdebstrap is missing: run scripts/setup.sh --containers" >&2; exit 2; }
# Testing's Release file may be past its date between two point releases of the keys: accept it, the signature holds.
SOURCE_DATE_EPOCH=0 mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
  --include=ca-certificates "$suite" "$output" \
  "deb $mirror $suite main" "deb $mirror $suite-updates main" "deb $security $suite-security main"
