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
program=bin/Release/net10.0/NeuralNet.Benchmarks.dll
ours() { dotnet $program train "$@" --data "$data" || { echo "compare.sh: train $* failed" >&2; exit 1; }; }

# the samples there are, from the labels' header: whole batches, since PyTorch's side leaves a rest out
labels=$(ls "$data"/train-labels-idx1-ubyte* 2>/dev/null | head -n 1)
[ -n "$labels" ] || { echo "compare.sh: $data has no train-labels-idx1-ubyte.gz" >&2; exit 1; }
count=$(gzip -dcf "$labels" | od -An -tu1 -j4 -N4 | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }')
at_most() { echo $(($1 < count ? $1 : count / 32 * 32)); }

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
bytes() { sed -n 's/.*allocated: \([0-9]*\) bytes.*/\1/p'; }
gflops() { grep -F "${1:-GFLOP}" | sed -n 's/.*: \([0-9.]*\) GFLOP.*/\1/p'; }
epochs() { grep -o 'epoch [0-9]*: [0-9.]* us' | awk '{ print $3 }' | median; }

sequences='rnn gru lstm conv1d embedding attention'
for round in 1 2 3; do
  echo "round $round" >&2
  for kind in fc dense conv1 xor; do
    # long enough that most epochs run fully optimized code
    case $kind in xor) shape='4000 5000' ;; *) shape="$(at_most 1000) 250" ;; esac
    out=$(ours "$kind" 1 $shape 1) || exit 1
    note "neuralnet-$kind" "$(epochs <<<"$out")"
    note "neuralnet-$kind-predict" "$(sed -n 's/.*predict one sample: \([0-9.]*\) us/\1/p' <<<"$out")"
    note "neuralnet-$kind-bytes" "$(bytes <<<"$out")"
  done
  if [ -n "$python" ]; then
    for kind in fc conv xor; do
      out=$("$python" peers/numpy_article.py "$data" "$kind" "$([ "$kind" = xor ] && echo 1000 || echo 3)" "$(at_most 1000)")
      note "numpy-$kind" "$(sed -n 's/.*: \([0-9.]*\) us\/sample to train.*/\1/p' <<<"$out")"
      note "numpy-$kind-predict" "$(sed -n 's/.*: \([0-9.]*\) us\/sample to predict.*/\1/p' <<<"$out")"
    done
  fi
  if [ -n "$torch" ]; then
    for kind in fc conv1; do
      out=$("$python" peers/torch_mnist.py "$data" "$kind" 1 "$(at_most 1000)" 3 f32 1)
      note "torch-$kind" "$(epochs <<<"$out")"
      note "torch-$kind-predict" "$(sed -n 's/.*predict one sample: \([0-9.]*\) us/\1/p' <<<"$out")"
    done
  fi

  for kind in fc lenet; do
    # ours needs seconds until its code is fully optimized, PyTorch's comes compiled
    case $kind in fc) samples=$(at_most 12000) ours=40 theirs=8 ;; *) samples=$(at_most 6400) ours=25 theirs=5 ;; esac
    for threads in 1 2; do
      out=$(ours "$kind" 32 "$samples" "$ours" "$threads") || exit 1
      note "neuralnet-$kind-32-$threads" "$(epochs <<<"$out")"
      note "neuralnet-$kind-32-$threads-bytes" "$(bytes <<<"$out")"
    done

    # PyTorch's own threads and OpenBLAS' are two settings, and which pair is the best depends on the network and the machine
    for pair in '1 1' '2 1' '2 2'; do
      [ -n "$torch" ] && [ "$kind $pair" != 'lenet 1 1' ] || continue
      read -r threads blas <<<"$pair"
      out=$(OPENBLAS_NUM_THREADS=$blas "$python" peers/torch_mnist.py "$data" "$kind" 32 "$samples" "$theirs" f32 "$threads")
      note "torch-$kind-32-$threads-$blas" "$(epochs <<<"$out")"
    done
  done
  for kind in $sequences; do
    for threads in 1 2; do
      out=$(dotnet $program sequences "$kind" 40 "$threads") || { echo "compare.sh: sequences $kind failed" >&2; exit 1; }
      note "neuralnet-$kind-$threads" "$(epochs <<<"$out")"
      note "neuralnet-$kind-$threads-bytes" "$(bytes <<<"$out")"
    done
    for pair in '1 1' '2 1' '2 2'; do
      [ -n "$torch" ] || continue
      read -r threads blas <<<"$pair"
      for type in f64 f32; do
        out=$(OPENBLAS_NUM_THREADS=$blas "$python" peers/torch_sequences.py "$kind" 5 $type "$threads")
        note "torch-$kind-$type-$threads-$blas" "$(epochs <<<"$out")"
      done
    done
  done
  out=$(dotnet $program product) || { echo 'compare.sh: product failed' >&2; exit 1; }
  for way in forward 'input errors' 'weight gradients'; do note "neuralnet-product-${way// /-}" "$(gflops "($way)" <<<"$out")"; done
  [ -z "$python" ] || note numpy-product "$("$python" peers/numpy_product.py 768 | gflops)"
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

us() { [ -n "$1" ] && awk -v us="$1" 'BEGIN { printf "%.3g", us }' || echo -; }
least() { sort -g | head -n 1; }
ratio() { [ -n "$1" ] && [ -n "$2" ] && awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f x", a / b }' || echo -; }
batches() { # KIND
  local one two torch1 torch2
  one=$(of "neuralnet-$1-32-1"); two=$(of "neuralnet-$1-32-2")
  torch1=$(of "torch-$1-32-1-1"); torch2=$({ of "torch-$1-32-2-1"; of "torch-$1-32-2-2"; } | least)
  echo "| $1, train | $(us "$one") | $(us "$two") | $(us "$torch1") | $(us "$torch2") | $(ratio "$(printf '%s\n' "$torch1" "$torch2" | grep . | least)" "$(printf '%s\n' "$one" "$two" | least)") | $(ratio "$one" "$two") |"
}
echo
echo "batch 32, us per sample; of PyTorch on 2 threads the better one of OpenBLAS on 1 and on 2"
echo
echo '| what | NeuralNet, float64, 1 thread | 2 threads | PyTorch, float32, 1 thread | 2 threads | best PyTorch / best of ours | ours, 1 thread / 2 threads |'
echo '| --- | --- | --- | --- | --- | --- | --- |'
batches fc
batches lenet

sequence() { # KIND
  local one two f64 f32
  one=$(of "neuralnet-$1-1"); two=$(of "neuralnet-$1-2")
  f64=$(for pair in 1-1 2-1 2-2; do of "torch-$1-f64-$pair"; done | least)
  f32=$(for pair in 1-1 2-1 2-2; do of "torch-$1-f32-$pair"; done | least)
  echo "| $1 | $(us "$one") | $(us "$two") | $(us "$f64") | $(us "$f32") | $(ratio "$f64" "$two") | $(ratio "$f32" "$two") |"
}
echo
echo "layers for sequences of 64 steps, training, batch 32, us per sample; of PyTorch the best of 1 and 2 threads"
echo
echo '| layer | NeuralNet, float64, 1 thread | 2 threads | PyTorch, float64 | float32 | float64 / ours on 2 | float32 / ours on 2 |'
echo '| --- | --- | --- | --- | --- | --- | --- |'
for kind in $sequences; do sequence "$kind"; done
echo
echo '| matrix product 768 x 768 x 768, float64, one thread | GFLOP/s |'
echo '| --- | --- |'
for way in forward 'input errors' 'weight gradients'; do echo "| NeuralNet, $way | $(of "neuralnet-product-${way// /-}") |"; done
peer=$(of numpy-product)
echo "| numpy + OpenBLAS | ${peer:--} |"
echo
for kind in fc lenet; do for threads in 1 2; do echo "neuralnet $kind batch 32 threads $threads allocated: $(of "neuralnet-$kind-32-$threads-bytes") bytes/step"; done; done
for kind in $sequences; do echo "neuralnet $kind batch 32 threads 2 allocated: $(of "neuralnet-$kind-2-bytes") bytes/step"; done
