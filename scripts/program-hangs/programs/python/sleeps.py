"""The storage of the given rank does not answer, and its loader tries again for ever."""

import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist


def load_batch(step):
    if step == 3 and rank == int(sys.argv[1]):
        time.sleep(3600)  # HANG
    return torch.ones(1000)


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
for step in range(5):
    print(f"step {step}")
    gradient = load_batch(step)
    dist.all_reduce(gradient)
