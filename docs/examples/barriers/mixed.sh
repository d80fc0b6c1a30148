#!/bin/sh
# Rank 0 is a shell script, rank 1 Node.js, rank 2 Python.
here=$(dirname "$0")
case $RANK in
  1) exec node "$here/worker.mjs" ;;
  2) PYTHONPATH=$(ckpt-run python-path) exec python3 "$here/worker.py" ;;
esac
set -e
ckpt-run barrier data-ready --payload '{"path":"/data/train.bin"}'
scores=$(ckpt-run barrier score --payload 0.5 --gather)
echo "scores: $scores"
