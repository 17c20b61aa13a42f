"""Writes the SAEs of `test_saelens.py` with SAELens itself, and what they make of some samples.

pip install sae-lens==6.54.12
python tests/saes/checkpoints/write_saelens.py
"""

import itertools
from pathlib import Path

import torch
from sae_lens import saes
from sae_lens.config import SAETrainerConfig
from sae_lens.training.sae_trainer import SAETrainer
from safetensors.torch import save_file

HERE = Path(__file__).parent / "saelens"
D, K, N = 4, 6, 64
MADE = {
    "standard": ("Standard", {"l1_coefficient": 0.3}),
    "standard-untied": ("Standard", {"l1_coefficient": 0.3, "apply_b_dec_to_input": False}),
    "topk": ("TopK", {"k": 2}),
    "jumprelu": ("JumpReLU", {"l0_coefficient": 0.1}),
    "gated": ("Gated", {"l1_coefficient": 0.3}),
    "batchtopk": ("BatchTopK", {"k": 2}),
}

if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(N, D) + 1.0
    for name, (kind, settings) in MADE.items():
        config = getattr(saes, f"{kind}TrainingSAEConfig")(d_in=D, d_sae=K, device="cpu", **settings)
        training = SAETrainerConfig(20 * N, N, lr=0.01, lr_end=0.01)
        sae = SAETrainer(training, getattr(saes, f"{kind}TrainingSAE")(config), itertools.repeat(x)).fit()
        sae.save_model(HERE / f"{name}-training")
        sae.save_inference_model(HERE / name)
        with torch.no_grad():
            used = saes.SAE.load_from_disk(HERE / name)
            save_file({"x": x, "reconstruction": used(x)}, HERE / name / "seen.safetensors")
