"""Loads data by two workers a rank. With "stuck" the second item of each worker never comes; a rank is then told to fail by a file."""

import os
import sys
import time

from torch.utils.data import DataLoader, Dataset

RANK = os.environ["RANK"]


def tell(word):
    """Tells the test a word, with the process id."""
    with open(f"told/.{word}", "w") as file:
        file.write(str(os.getpid()))
    os.rename(f"told/.{word}", f"told/{word}")


class Numbers(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        if sys.argv[1] == "stuck" and index >= 2:
            time.sleep(300)
        return index


def begin(worker):
    tell(f"worker {RANK}.{worker}")


tell(f"rank {RANK}")
total = 0
for batch in DataLoader(Numbers(), num_workers=2, worker_init_fn=begin):
    total += batch.item()
    while sys.argv[1] == "stuck":
        if os.path.exists(f"fail {RANK}"):
            os._exit(3)
        time.sleep(0.02)
print(f"loaded {total}")
