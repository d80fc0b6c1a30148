from ckpt_run import init

group = init(call_sites=False)
path = group.broadcast("data-ready")["path"]
best = group.all_reduce("score", group.rank / 4, "max")
print(f"best score on {path}: {best}")
group.close()
