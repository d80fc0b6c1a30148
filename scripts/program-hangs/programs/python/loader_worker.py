"""The worker that loads the data of the given rank waits for its storage."""

import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.utils.data import DataLoader, Dataset


class Samples(Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        if index == 3 and rank == int(sys.argv[1]):
            time.sleep(3600)  # HANG
        return torch.ones(1000)


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
for step, batch in enumerate(DataLoader(Samples(), num_workers=1, prefetch_factor=1)):  # HANG
    print(f"step {step}")
    dist.all_reduce(batch)
