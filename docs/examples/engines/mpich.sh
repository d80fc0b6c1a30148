#!/bin/sh
# Four ranks by MPICH; the directory must be shared by all hosts.
set -eu

# Hydra gives its ranks no name in common: this one is new for each run.
CKPT_RUN_RUN_ID="$(date +%Y%m%d-%H%M%S)-$(hostname)-$$"
export CKPT_RUN_RUN_ID

exec mpiexec.hydra -n 4 ckpt-run --scenario all --output-dir "${CHECKPOINTS:-checkpoints}"
