"""Says whether torch takes this process for a rank of torchrun."""

import torch.distributed as dist

print(f"launched: {dist.is_torchelastic_launched()}")
