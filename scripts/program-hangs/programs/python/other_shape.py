"""The last batch of the given rank is smaller than those of the others."""

import sys
from datetime import timedelta

import torch
import torch.distributed as dist

dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
for step in range(5):
    print(f"step {step}")
    batch_size = 500 if step == 3 and rank == int(sys.argv[1]) else 1000
    dist.all_reduce(torch.ones(batch_size))  # HANG
