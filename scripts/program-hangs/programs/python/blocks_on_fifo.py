"""The given rank reads from a pipe into which nobody writes."""

import os
import sys
from datetime import timedelta

import torch
import torch.distributed as dist


def read_labels(path):
    os.mkfifo(path)
    with open(path) as file:  # HANG
        return file.read()


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
gradient = torch.ones(1000)
for step in range(5):
    print(f"step {step}")
    if step == 3 and rank == int(sys.argv[1]):
        read_labels("labels.fifo")
    dist.all_reduce(gradient)
