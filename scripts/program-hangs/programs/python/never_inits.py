"""The given rank waits for a file before it calls init_process_group, and that file is only written afterwards."""

import os
import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist

print("starting")
if os.environ["RANK"] == sys.argv[1]:
    while not os.path.exists("config.json"):  # HANG
        time.sleep(0.2)  # HANG
dist.init_process_group("gloo", timeout=timedelta(seconds=15))
if dist.get_rank() == 0:
    open("config.json", "w").close()
dist.all_reduce(torch.ones(1000))
