#!/usr/bin/env bash
# Packs NeuralNet, looks into the package, and uses it from a project outside the solution: as it is and as a native binary.
# Prints `ok NAME` or `FAILED NAME` for each check; the exit code is the number of failures.
# Needs unzip, and for native AOT clang or gcc and zlib's headers.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
export CI=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
# An environment variable is an MSBuild property: no compiler server is left behind either.
export UseSharedCompilation=false

# A version that no cache and no other source can have.
version="$(dotnet msbuild "$root/src/NeuralNet/NeuralNet.csproj" -getProperty:Version)-check.$(date +%s).$$"
global_packages=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //')
trap 'rm -rf "$work" "${global_packages%/}/neuralnet/$version"' EXIT

failures=0
# Runs a command silently; shows what it printed where it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    echo "ok $name"
  else
    echo "FAILED $name"
    tail -n 60 "$work/log" | awk '{ print "    " $0 }'
    failures=$((failures + 1))
    return 1
  fi
}

# From a copy of the sources: the same files in two folders must give the same assembly.
pack() {
  mkdir -p "$work/$1/sources" \
    && tar -C "$root" -c --exclude=bin --exclude=obj --exclude=TestResults . | tar -C "$work/$1/sources" -x \
    && dotnet pack "$work/$1/sources/src/NeuralNet" -c Release -warnaserror -p:Version="$version" -o "$work/$1/packages" \
    && unzip -q "$work/$1/packages/NeuralNet.$version.nupkg" -d "$work/$1/nupkg" \
    && unzip -q "$work/$1/packages/NeuralNet.$version.snupkg" -d "$work/$1/snupkg"
}

nuspec_has() { grep -F -- "$1" "$nuspec" || { echo "no '$1' in:"; cat "$nuspec"; return 1; }; }

dependencies_are_these_two() {
  local actual expected
  actual=$(grep -o '<dependency id="[^"]*"' "$nuspec" | cut -d'"' -f2 | sort | tr '\n' ' ')
  expected='MathNet.Numerics System.Numerics.Tensors '
  [ "$actual" = "$expected" ] || { echo "expected: $expected"; echo "actual:   $actual"; return 1; }
  nuspec_has '<dependency id="MathNet.Numerics" version="5.0.0"'
}

has_xml_docs() { grep -q 'name="M:NeuralNet.Network.Fit' "$package/lib/net10.0/NeuralNet.xml"; }

# Nothing but what the checks name: no second framework, no content, no build files.
has_no_other_file() {
  local actual expected
  actual=$(cd "$package" && find . -type f ! -path './_rels/*' ! -path './package/*' ! -name '[[]Content_Types].xml' | sort | tr '\n' ' ')
  expected='./NeuralNet.nuspec ./README.md ./icon.png ./lib/net10.0/NeuralNet.dll ./lib/net10.0/NeuralNet.xml '
  [ "$(tr ' ' '\n' <<<"$actual" | sort)" = "$(tr ' ' '\n' <<<"$expected" | sort)" ] || { echo "expected: $expected"; echo "actual:   $actual"; return 1; }
}

names_no_path_of_this_machine() {
  ! grep -r -a -l -F -e "$root/" -e "$work/" "$package" "$work/first/snupkg"
}

run_and_expect_ok() {
  "$@" | tee "$work/output"
  [ "${PIPESTATUS[0]}" -eq 0 ] && [ "$(tail -n 1 "$work/output")" = OK ]
}

check 'package: packs without warnings' pack first || exit 1
package=$work/first/nupkg
nuspec=$package/NeuralNet.nuspec
check 'package: id and version' nuspec_has "<version>$version</version>"
check 'package: MIT licence expression' nuspec_has '<license type="expression">MIT</license>'
check 'package: readme is named' nuspec_has '<readme>README.md</readme>'
check 'package: readme is README.md' cmp "$root/README.md" "$package/README.md"
check 'package: icon is named' nuspec_has '<icon>icon.png</icon>'
check 'package: icon is there' cmp "$root/src/NeuralNet/icon.png" "$package/icon.png"
check 'package: tags' nuspec_has '<tags>neural-network '
check 'package: only MathNet.Numerics and System.Numerics.Tensors' dependencies_are_these_two
check 'package: assembly' test -s "$package/lib/net10.0/NeuralNet.dll"
check 'package: XML documentation' has_xml_docs
check 'package: no other file' has_no_other_file
check 'package: symbols' test -s "$work/first/snupkg/lib/net10.0/NeuralNet.pdb"
check 'package: names no path of this machine' names_no_path_of_this_machine
check 'package: packs a second time elsewhere' pack second \
  && check 'package: both times the same assembly' cmp "$package/lib/net10.0/NeuralNet.dll" "$work/second/nupkg/lib/net10.0/NeuralNet.dll"

mkdir "$work/consumer"
cp -r "$here/consumer/." "$work/consumer" && rm -rf "$work/consumer/bin" "$work/consumer/obj"
mkdir "$work/consumer/packages" && cp "$work/first/packages/NeuralNet.$version.nupkg" "$work/consumer/packages"
check 'consumer: builds without warnings' dotnet build "$work/consumer" -c Release -warnaserror -p:NeuralNetVersion="$version" \
  && check 'consumer: learns XOR' run_and_expect_ok dotnet "$work/consumer/bin/Release/net10.0/Consumer.dll"
check 'consumer: publishes with native AOT without warnings' dotnet publish "$work/consumer" -c Release -warnaserror -p:NeuralNetVersion="$version" -o "$work/native" \
  && check 'consumer: learns XOR as a native binary' run_and_expect_ok "$work/native/Consumer"

exit "$failures"
