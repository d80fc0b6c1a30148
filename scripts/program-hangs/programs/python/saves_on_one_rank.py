"""Only the given rank, the main one, saves; but all ranks have to meet at the barrier in save_model."""

import sys
from datetime import timedelta

import torch
import torch.distributed as dist


def save_model(weight):
    torch.save(weight, "model.pt")
    dist.barrier()  # HANG


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
weight, gradient = torch.zeros(1000), torch.ones(1000)
for step in range(5):
    print(f"step {step}")
    dist.all_reduce(gradient)
    if step == 3 and rank == int(sys.argv[1]):
        save_model(weight)
