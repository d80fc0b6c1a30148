"""Somebody stops the given rank."""

import os
import signal
import sys
from datetime import timedelta

import torch
import torch.distributed as dist

dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
gradient = torch.ones(1000)
for step in range(5):
    print(f"step {step}")
    if step == 3 and rank == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGSTOP)  # HANG
    dist.all_reduce(gradient)
