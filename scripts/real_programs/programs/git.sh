# needs: git
# Clone, history with differences, garbage collection and check of this repository.
set -euo pipefail
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null HOME=$PWD
git -c safe.directory='*' clone -q --no-local ${SHORT:+--depth 20} "file://$ROOT" copy 2>/dev/null ||
  git -c safe.directory='*' clone -q --no-hardlinks "$ROOT" copy
cd copy
git log --stat -p | sha256sum
git blame --root -s -- Makefile | sha256sum
effort=$([ -n "$SHORT" ] || echo --aggressive)
git -c pack.threads=2 gc -q $effort --prune=now
git count-objects -v | grep -E '^(count|in-pack|packs|garbage):'
git fsck --full 2>&1
git archive HEAD | sha256sum
