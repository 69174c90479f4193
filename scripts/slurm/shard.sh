#!/bin/bash
# One shard of a plan, as one task of a Slurm array job. Completes what an earlier attempt left behind.
#   shard.sh PROGRAM IMAGE PARTS COUNT [argument of `alloclab run`]…
# PROGRAM: alloclab, with no IMAGE (an empty argument), or container.py.
set -euo pipefail
program=$1 image=$2 parts=$3 count=$4
shift 4
index=$SLURM_ARRAY_TASK_ID
folder=$parts/shard-$index
echo "shard $index/$count on $(hostname), job ${SLURM_JOB_ID:-none}, $(date -u +%FT%TZ)"
if [ -f "$folder/manifest.json" ]; then
  exec "$program" run --resume "$folder" --quiet
fi
rm -rf "$folder"  # an attempt that ended before its first run
exec "$program" run ${image:+--image "$image"} "$@" --shard "$index/$count" --out "$folder" --quiet
