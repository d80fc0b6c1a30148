"""The given rank calls two collectives in the other order."""

import sys
from datetime import timedelta

import torch
import torch.distributed as dist


def average(gradient):
    dist.all_reduce(gradient)


def gather_losses(loss):
    dist.all_gather([torch.zeros(1) for _ in range(dist.get_world_size())], loss)  # HANG


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
gradient, loss = torch.ones(1000), torch.ones(1)
for step in range(5):
    print(f"step {step}")
    if step == 3 and rank == int(sys.argv[1]):
        gather_losses(loss)
        average(gradient)
    else:
        average(gradient)
        gather_losses(loss)
