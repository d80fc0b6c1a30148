#!/bin/sh
# Four ranks by Open MPI; the directory must be shared by all hosts.
set -eu

exec mpirun --oversubscribe -n 4 ckpt-run --scenario all --output-dir "${CHECKPOINTS:-checkpoints}"
