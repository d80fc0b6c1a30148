"""The learning rate search of the given rank does not converge."""

import sys
from datetime import timedelta

import torch
import torch.distributed as dist


def search(low, high):
    while high - low > 0:  # HANG
        high = max(high / 2, 1e-300)  # HANG
    return low


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
gradient = torch.ones(1000)
for step in range(5):
    print(f"step {step}")
    if step == 3 and rank == int(sys.argv[1]):
        gradient *= search(0.0, 1.0)
    dist.all_reduce(gradient)
