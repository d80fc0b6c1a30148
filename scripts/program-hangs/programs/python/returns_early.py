"""The given rank has less data than the others, and returns before the last all_reduce."""

import sys
from datetime import timedelta

import torch
import torch.distributed as dist

dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
num_batches = 3 if rank == int(sys.argv[1]) else 4
gradient = torch.ones(1000)
for step in range(num_batches):
    print(f"step {step}")
    dist.all_reduce(gradient)
