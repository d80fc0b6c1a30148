"""A regular expression backtracks for ever on a line of the given rank's data."""

import re
import sys
from datetime import timedelta

import torch
import torch.distributed as dist


def tokenize(line):
    return re.match(r"(\w+\s?)+$", line)  # HANG


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
gradient = torch.ones(1000)
for step in range(5):
    print(f"step {step}")
    tokenize("lorem" * 20 + "!" if step == 3 and rank == int(sys.argv[1]) else "lorem")
    dist.all_reduce(gradient)
