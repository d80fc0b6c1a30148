"""Adds up the numbers of all ranks, which meet by the environment or at a TCP address."""

import os
import sys

import torch
import torch.distributed as dist

METHODS = {"env": "env://", "tcp": "tcp://{MASTER_ADDR}:{MASTER_PORT}".format(**os.environ)}

rank, world_size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
dist.init_process_group("gloo", init_method=METHODS[sys.argv[1]], rank=rank, world_size=world_size)
total = torch.tensor(rank)
dist.all_reduce(total)
print(f"all ranks add up to {total.item()}")
dist.destroy_process_group()
