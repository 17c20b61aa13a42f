"""A sparse autoencoder in torch, whose encoder has no bias."""

import torch


def sae(x, k, lam, steps=1500):
    """Full-batch Adam with a learning rate that decays; z = ReLU(W(x − b)), atoms of norm 1."""
    x = torch.as_tensor(x, dtype=torch.float32)
    unit = x.std()
    rows = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:k]
    b = x.mean(dim=0).requires_grad_()
    W = torch.nn.functional.normalize(x[rows] - b.detach(), dim=1).requires_grad_()
    D = W.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([{"params": [W, D]}, {"params": [b], "lr": 0.02 * float(unit)}], lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        atoms = torch.nn.functional.normalize(D, dim=1)
        z = torch.relu((x - b) @ W.T)
        loss = ((x - b - z @ atoms) ** 2).sum(dim=1).mean() / 2 + lam * z.sum(dim=1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return torch.nn.functional.normalize(D, dim=1).T, b, torch.relu((x - b) @ W.T)
