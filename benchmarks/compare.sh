#!/usr/bin/env bash
# Ours and the peers in turn, three times: medians and ratios. A peer that is missing is named and left out.
# usage: benchmarks/compare.sh [DIR]      DIR: a folder of MNIST files; the digits of samples/Mnist where none is given
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=$(cd "${1:-$here/../samples/Mnist/digits}" && pwd) || exit 1
cd "$here" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

dotnet build -c Release -v quiet --nologo Benchmarks.csproj >/dev/null || { echo 'compare.sh: the benchmarks do not build' >&2; exit 1; }
ours() { dotnet bin/Release/net10.0/NeuralNet.Benchmarks.dll train "$1" 1 "$2" "$3" 1 --data "$data"; }

export OPENBLAS_NUM_THREADS=1
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import numpy, scipy' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || echo 'missing: numpy and scipy (python3-numpy python3-scipy libopenblas0-pthread)'
torch=
if [ -n "$python" ] && "$python" -c 'import torch' 2>/dev/null; then torch=yes; else echo 'missing: PyTorch (python3-torch)'; fi

# note WHAT VALUE: one measurement; median: of the numbers on standard input
note() { [ -z "$2" ] || echo "$1 $2" >>"$log"; }
median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
epochs() { grep -o 'epoch [0-9]*: [0-9.]* us' | awk '{ print $3 }' | median; }

for round in 1 2 3; do
  echo "round $round" >&2
  for kind in fc dense conv1 xor; do
    # long enough that most epochs run fully optimized code
    case $kind in xor) shape='4000 1000' ;; *) shape='1000 60' ;; esac
    out=$(ours "$kind" $shape) || { echo "compare.sh: training $kind failed" >&2; exit 1; }
    note "neuralnet-$kind" "$(epochs <<<"$out")"
    note "neuralnet-$kind-predict" "$(sed -n 's/.*predict one sample: \([0-9.]*\) us/\1/p' <<<"$out")"
    note "neuralnet-$kind-bytes" "$(sed -n 's/.*allocated: \([0-9]*\) bytes.*/\1/p' <<<"$out")"
  done
  if [ -n "$python" ]; then
    for kind in fc conv xor; do
      out=$("$python" peers/numpy_article.py "$data" "$kind" "$([ "$kind" = xor ] && echo 1000 || echo 3)" 1000)
      note "numpy-$kind" "$(sed -n 's/.*: \([0-9.]*\) us\/sample to train.*/\1/p' <<<"$out")"
      note "numpy-$kind-predict" "$(sed -n 's/.*: \([0-9.]*\) us\/sample to predict.*/\1/p' <<<"$out")"
    done
  fi
  if [ -n "$torch" ]; then
    for kind in fc conv1; do
      out=$("$python" peers/torch_mnist.py "$data" "$kind" 1 1000 3 f32 1)
      note "torch-$kind" "$(epochs <<<"$out")"
      note "torch-$kind-predict" "$(sed -n 's/.*predict one sample: \([0-9.]*\) us/\1/p' <<<"$out")"
    done
  fi
done

of() { grep "^$1 " "$log" | awk '{ print $2 }' | median; }
row() { # TITLE OURS NUMPY TORCH
  local a b c
  a=$(of "$2"); b=$(of "$3"); c=$(of "$4")
  awk -v title="$1" -v a="$a" -v b="${b:-0}" -v c="${c:-0}" 'BEGIN {
    printf "| %s | %.3g | %s | %s | %s | %s |\n", title, a, b ? sprintf("%.3g", b) : "-", c ? sprintf("%.3g", c) : "-",
      b ? sprintf("%.1f x", b / a) : "-", c ? sprintf("%.1f x", c / a) : "-" }'
}
echo
echo "$(grep -m1 'model name' /proc/cpuinfo 2>/dev/null | sed 's/.*: //'), $(nproc) cores, $(date -u +%Y-%m-%d); us per sample, one thread, batch 1, medians of three runs; data: $(basename "$data")"
echo
echo '| what | NeuralNet, float64 | numpy + OpenBLAS, float64 | PyTorch, float32 | numpy / ours | PyTorch / ours |'
echo '| --- | --- | --- | --- | --- | --- |'
row 'fc, train' neuralnet-fc numpy-fc torch-fc
row 'fc, train, inputs without zeros' neuralnet-dense numpy-fc torch-fc
row 'conv1, train' neuralnet-conv1 numpy-conv torch-conv1
row 'xor, train' neuralnet-xor numpy-xor none
row 'fc, predict one sample' neuralnet-fc-predict numpy-fc-predict torch-fc-predict
row 'conv1, predict one sample' neuralnet-conv1-predict numpy-conv-predict torch-conv1-predict
echo
for kind in fc dense conv1 xor; do echo "neuralnet $kind allocated: $(of neuralnet-$kind-bytes) bytes/step"; done
