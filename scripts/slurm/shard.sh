#!/bin/bash
# One shard of a plan, as one task of a Slurm array job. Completes what an earlier attempt left behind.
#   shard.sh LAB PARTS COUNT [argument of `alloclab run`]…
set -euo pipefail
lab=$1 parts=$2 count=$3
shift 3
index=$SLURM_ARRAY_TASK_ID
folder=$parts/shard-$index
echo "shard $index/$count on $(hostname), job ${SLURM_JOB_ID:-none}, $(date -u +%FT%TZ)"
if [ -f "$folder/manifest.json" ]; then
  exec "$lab" run --resume "$folder" --quiet
fi
rm -rf "$folder"  # an attempt that ended before its first run
exec "$lab" run "$@" --shard "$index/$count" --out "$folder" --quiet
