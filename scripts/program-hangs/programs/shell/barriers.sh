#!/bin/sh
# Ranks meet at barriers of ckpt-run; the rank of the second argument does at the third step what the first one says.
set -e

misdeed() {
  case $1 in
    returns) exit 0 ;;
    fails)
      echo 'loss is NaN' >&2
      exit 3
      ;;
    sleeps) sleep 3600 ;;
    spins) while :; do :; done ;;
    'is stopped') kill -STOP $$ ;;
    'blocks on a FIFO')
      mkfifo labels.fifo
      read -r _ <labels.fifo
      ;;
    'waits for a lock')
      flock data.lock sleep 3600 &
      until [ -e data.lock ] && ! flock -n data.lock true; do sleep 0.1; done
      flock data.lock cat samples
      ;;
    'meets in other order') ckpt-run barrier saved ;;
  esac
}

for step in 0 1 2 3 4; do
  echo "step $step"
  [ "$step$RANK" != "3$2" ] || misdeed "$1"
  ckpt-run barrier "step-$step"
done
