#!/bin/sh
# Prints, as JSON, the version of every installed package: {"libc6": "2.36-9+deb12u14", …}.
# Runs inside an image while it is built, so it needs nothing but dpkg and sed.
set -eu
echo '{'
dpkg-query -W -f '${db:Status-Abbrev}|"${Package}": "${Version}",\n' | sed -n 's/^ii *|/  /p' | LC_ALL=C sort -u | sed '$s/,$//'
echo '}'
