"""On the first attempt rank 1 fails while the others wait for it; on the next, the numbers of all ranks are added up."""

import os
import sys

import torch
import torch.distributed as dist
from torch.distributed.elastic.multiprocessing.errors import record


@record
def main():
    dist.init_process_group("gloo")
    attempt = os.environ["TORCHELASTIC_RESTART_COUNT"]
    print(f"attempt {attempt} at port {os.environ['MASTER_PORT']}")
    dist.barrier()
    if attempt == "0" and dist.get_rank() == 1:
        if sys.argv[1] == "raise":
            raise RuntimeError("loss is NaN at step 7")
        sys.exit(int(sys.argv[1]))
    total = torch.tensor(dist.get_rank())
    dist.all_reduce(total)
    print(f"all ranks add up to {total.item()}")
    dist.destroy_process_group()


main()
