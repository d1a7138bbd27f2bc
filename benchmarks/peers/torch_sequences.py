#!/usr/bin/env python3
"""PyTorch side of a side-by-side run: trains one layer for sequences of 64 steps, and prints time per sample.

usage: torch_sequences.py KIND EPOCHS DTYPE THREADS
  KIND   rnn, gru, lstm   32 -> 64, the last step
         conv1d           64 -> 64, kernel 3, padding same; then the mean over the steps
         embedding        1000 words -> 64; then the mean over the steps
         attention        64, 4 heads; then the mean over the steps
  DTYPE  f64 | f32
Behind each a row of 64 weights; mean squared error, SGD, batches of 32 of 512 samples.
Debian: apt-get install python3-torch libopenblas0-pthread
"""
import sys, time
import torch
from torch import nn

kind, epochs, dtype, threads = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(1)
dtype = torch.float64 if dtype == "f64" else torch.float32
steps, samples, batch, hidden, vocabulary = 64, 512, 32, 64, 1000


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = {
            "rnn": lambda: nn.RNN(32, hidden, batch_first=True),
            "gru": lambda: nn.GRU(32, hidden, batch_first=True),
            "lstm": lambda: nn.LSTM(32, hidden, batch_first=True),
            "conv1d": lambda: nn.Conv1d(64, hidden, 3, padding="same"),
            "embedding": lambda: nn.Embedding(vocabulary, hidden),
            "attention": lambda: nn.MultiheadAttention(64, 4, batch_first=True),
        }[kind]()
        self.last = nn.Linear(hidden, 1)

    def forward(self, x):
        if kind in ("rnn", "gru", "lstm"):
            return self.last(self.layer(x)[0][:, -1])
        if kind == "conv1d":
            return self.last(self.layer(x).mean(2))
        if kind == "attention":
            return self.last(self.layer(x, x, x, need_weights=False)[0].mean(1))
        return self.last(self.layer(x).mean(1))


if kind == "embedding":
    x = torch.randint(0, vocabulary, (samples, steps))
elif kind == "conv1d":
    x = torch.rand(samples, 64, steps, dtype=dtype) * 2 - 1
else:
    x = torch.rand(samples, steps, 64 if kind == "attention" else 32, dtype=dtype) * 2 - 1
target = torch.rand(samples, 1, dtype=dtype)
net = Net().to(dtype)
loss_of, optimizer = nn.MSELoss(), torch.optim.SGD(net.parameters(), 0.01)
for epoch in range(epochs):
    start = time.perf_counter()
    for i in range(0, samples, batch):
        optimizer.zero_grad()
        loss = loss_of(net(x[i:i + batch]), target[i:i + batch])
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - start
    print(f"torch {torch.__version__} {kind} {sys.argv[3]} threads {threads} epoch {epoch + 1}: {seconds / samples * 1e6:.3f} us/sample")
