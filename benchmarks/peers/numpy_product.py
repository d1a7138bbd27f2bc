#!/usr/bin/env python3
"""A matrix product in numpy, float64: what OpenBLAS reaches on this machine.

usage: numpy_product.py [SIZE] [ROUNDS]
Debian: apt-get install python3-numpy libopenblas0-pthread; set OPENBLAS_NUM_THREADS=1 for one thread.
"""
import statistics, sys, time
import numpy as np

size = int(sys.argv[1]) if len(sys.argv) > 1 else 768
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
rng = np.random.default_rng(1)
a, b, c = rng.random((size, size)) - 0.5, rng.random((size, size)) - 0.5, np.empty((size, size))
for _ in range(10):
    np.matmul(a, b, out=c)
seconds = []
for _ in range(rounds):
    start = time.perf_counter()
    np.matmul(a, b, out=c)
    seconds.append(time.perf_counter() - start)
print(f"numpy {np.__version__} product {size}x{size}x{size}: {2 * size ** 3 / statistics.median(seconds) / 1e9:.1f} GFLOP/s")
