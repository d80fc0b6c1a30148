"""The given rank and the thread that loads its data take two locks in different order."""

import sys
import threading
from datetime import timedelta

import torch
import torch.distributed as dist

queue_lock, state_lock = threading.Lock(), threading.Lock()
has_queue, has_state = threading.Event(), threading.Event()


def load_data():
    with queue_lock:
        has_queue.set()
        has_state.wait()
        with state_lock:
            print("loaded")


def next_batch(step):
    with state_lock:
        has_state.set()
        has_queue.wait()
        with queue_lock:  # HANG
            return torch.ones(1000)


dist.init_process_group("gloo", timeout=timedelta(seconds=15))
rank = dist.get_rank()
gradient = torch.ones(1000)
for step in range(5):
    print(f"step {step}")
    if step == 3 and rank == int(sys.argv[1]):
        threading.Thread(target=load_data, name="loader", daemon=True).start()
        gradient = next_batch(step)
    dist.all_reduce(gradient)
