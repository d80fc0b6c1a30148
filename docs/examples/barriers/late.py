import os
import time

from ckpt_run import CkptError, init

group = init(timeout=0.5)
if group.rank == 0:
    try:
        group.barrier("loaded")
    except CkptError as error:
        print(error.code, "missing:", error.missing)
else:
    # Ranks 1 and 2 do not come as long as rank 0 waits for them.
    given_up = os.environ["CKPT_RANK_RUN_DIRECTORY"] + "/barriers/decisions/000000.json"
    while not os.path.exists(given_up):
        time.sleep(0.05)
