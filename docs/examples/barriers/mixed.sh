#!/bin/sh
# Rank 0 is a shell script, the others are Node.js.
[ "$RANK" = 0 ] || exec node "$(dirname "$0")/worker.mjs"
set -e
ckpt-run barrier data-ready --payload '{"path":"/data/train.bin"}'
scores=$(ckpt-run barrier score --payload 0.5 --gather)
echo "scores: $scores"
