"""Wrote pytorch.safetensors, a PyTorch state dict in float32, and pytorch.json, what the module gives for two images in float64 (PyTorch 1.13)."""
import json
import struct

import torch
from torch import nn

torch.manual_seed(7)
net = nn.Sequential(
    nn.Conv2d(2, 3, (3, 2), padding=(1, 0)), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(3, 4, 2), nn.Tanh(), nn.Flatten(),
    nn.Linear(4 * 2 * 2, 5), nn.BatchNorm1d(5), nn.Sigmoid(), nn.Linear(5, 5, bias=False), nn.Linear(5, 3))
for _ in range(5):
    net(torch.randn(16, 2, 6, 7))
for norm in (net[1], net[8]):
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias)

header, data = {"__metadata__": {"format": "pt"}}, b""
for name, tensor in sorted(net.state_dict().items()):
    values = tensor.flatten().tolist()
    code = "q" if tensor.dtype == torch.int64 else "f"
    packed = struct.pack(f"<{len(values)}{code}", *values)
    header[name] = {"dtype": "I64" if code == "q" else "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(packed)]}
    data += packed
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open("pytorch.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)

net.double().eval()
images = torch.randn(2, 2, 6, 7, dtype=torch.float64)
json.dump({"images": images.flatten().tolist(), "outputs": net(images).flatten().tolist()}, open("pytorch.json", "w"))
