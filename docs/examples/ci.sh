#!/bin/sh
# Verifies checkpointing on one rank and on two; ends with the exit code of the first run that did not pass.
set -eu

export NO_COLOR=1 CKPT_RUN_QUIET=1 CKPT_RUN_TIMEOUT=2m
reports=${1:-reports}
mkdir -p "$reports"

for ranks in 1 2; do
  echo "checkpoints on $ranks rank(s)"
  ckpt-run --nproc-per-node="$ranks" --scenario all --report "$reports/ckpt-run-$ranks.json" || {
    status=$?
    [ "$status" -ne 124 ] || echo "a rank did not arrive: see failure.barrier in $reports/ckpt-run-$ranks.json" >&2
    exit "$status"
  }
done
