from ckpt_run import init

group = init(timeout=20)
config = group.broadcast("config", {"learning_rate": 0.1} if group.rank == 0 else None)
group.barrier("loaded")

loss = 2.0 + group.rank
mean = group.all_reduce("loss", loss, "sum") / group.world_size
stop = group.all_reduce("stop", loss > 5, "or")
seeds = group.all_gather("seeds", 10 * group.rank)
if group.rank == 0:
    print({"config": config, "mean": mean, "stop": stop, "seeds": seeds})
group.close()
