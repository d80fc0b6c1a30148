#!/bin/sh
# Two ranks by torchrun, on one machine: they meet below the directory that torchrun makes. A group that fails is started once more.
set -eu

exec torchrun --no_python --nproc_per_node=2 --max_restarts=1 ckpt-run --scenario all
