#!/usr/bin/env bash
# Packs NeuralNet and NeuralNet.Onnx, looks into the packages, and uses them from a project outside the solution: as it is and as a native binary.
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
trap 'rm -rf "$work" "${global_packages%/}/neuralnet/$version" "${global_packages%/}/neuralnet.onnx/$version"' EXIT

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

# From a copy of the sources: the same files in two folders must give the same assemblies.
pack() {
  mkdir -p "$work/$1/sources" \
    && tar -C "$root" -c --exclude=bin --exclude=obj --exclude=TestResults . | tar -C "$work/$1/sources" -x || return
  local id
  for id in NeuralNet NeuralNet.Onnx; do
    dotnet pack "$work/$1/sources/src/$id" -c Release -warnaserror -p:Version="$version" -o "$work/$1/packages" \
      && unzip -q "$work/$1/packages/$id.$version.nupkg" -d "$work/$1/$id" \
      && unzip -q "$work/$1/packages/$id.$version.snupkg" -d "$work/$1/$id-symbols" || return
  done
}

nuspec_has() { grep -F -- "$1" "$nuspec" || { echo "no '$1' in:"; cat "$nuspec"; return 1; }; }

same_words() { [ "$1" = "$2" ] || { echo "expected: $1"; echo "actual:   $2"; return 1; }; }

dependencies_are() { same_words "$*" "$(grep -o '<dependency id="[^"]*"' "$nuspec" | cut -d'"' -f2 | sort | tr '\n' ' ' | sed 's/ $//')"; }

has_xml_docs() { grep -q "name=\"M:$1" "$package/lib/net10.0/$id.xml"; }

# Nothing but what the checks name: no second framework, no content, no build files.
has_no_other_file() {
  same_words "$(printf '%s\n' "./$id.nuspec" ./README.md ./icon.png "./lib/net10.0/$id.dll" "./lib/net10.0/$id.xml" | sort | tr '\n' ' ')" \
    "$(cd "$package" && find . -type f ! -path './_rels/*' ! -path './package/*' ! -name '[[]Content_Types].xml' | sort | tr '\n' ' ')"
}

names_no_path_of_this_machine() {
  ! grep -r -a -l -F -e "$root/" -e "$work/" "$package" "$package-symbols"
}

# What links to a file of the repository in README is plain text in the package, where there is no such file.
is_readme() {
  diff <(sed -E 's/\[([^]]*)\]\(([^h)][^)]*)\)/\1/g' "$1") "$package/README.md" \
    && ! grep -n -E '\]\([^)]*\)' "$package/README.md" | grep -v -F '](https:'
}

# look README DEPENDENCY...: into the package of $id
look() {
  package=$work/first/$id
  nuspec=$package/$id.nuspec
  local readme=$1
  shift
  check "$id: id and version" nuspec_has "<version>$version</version>"
  check "$id: MIT licence expression" nuspec_has '<license type="expression">MIT</license>'
  check "$id: readme is named" nuspec_has '<readme>README.md</readme>'
  check "$id: readme is README.md, without links to files" is_readme "$root/$readme"
  check "$id: icon is named" nuspec_has '<icon>icon.png</icon>'
  check "$id: icon is there" cmp "$root/src/NeuralNet/icon.png" "$package/icon.png"
  check "$id: tags" nuspec_has '<tags>neural-network '
  check "$id: depends on $* only" dependencies_are "$@"
  check "$id: assembly" test -s "$package/lib/net10.0/$id.dll"
  check "$id: no other file" has_no_other_file
  check "$id: symbols" test -s "$package-symbols/lib/net10.0/$id.pdb"
  check "$id: names no path of this machine" names_no_path_of_this_machine
}

run_and_expect_ok() {
  "$@" | tee "$work/output"
  [ "${PIPESTATUS[0]}" -eq 0 ] && [ "$(tail -n 1 "$work/output")" = OK ]
}

check 'packages: pack without warnings' pack first || exit 1
id=NeuralNet
look README.md MathNet.Numerics System.Numerics.Tensors
check "$id: its MathNet.Numerics" nuspec_has '<dependency id="MathNet.Numerics" version="5.0.0"'
check "$id: XML documentation" has_xml_docs NeuralNet.Network.Fit
id=NeuralNet.Onnx
look src/NeuralNet.Onnx/README.md Google.Protobuf NeuralNet
check "$id: its NeuralNet" nuspec_has "<dependency id=\"NeuralNet\" version=\"$version\""
check "$id: XML documentation" has_xml_docs NeuralNet.Onnx.OnnxExtensions.ExportOnnx
if check 'packages: pack a second time elsewhere' pack second; then
  for id in NeuralNet NeuralNet.Onnx; do
    check "$id: both times the same assembly" cmp "$work/first/$id/lib/net10.0/$id.dll" "$work/second/$id/lib/net10.0/$id.dll"
  done
fi

mkdir "$work/consumer"
cp -r "$here/consumer/." "$work/consumer" && rm -rf "$work/consumer/bin" "$work/consumer/obj"
mkdir "$work/consumer/packages" && cp "$work/first/packages"/*.nupkg "$work/consumer/packages"
check 'consumer: builds without warnings' dotnet build "$work/consumer" -c Release -warnaserror -p:NeuralNetVersion="$version" \
  && check 'consumer: learns XOR' run_and_expect_ok dotnet "$work/consumer/bin/Release/net10.0/Consumer.dll"
check 'consumer: publishes with native AOT without warnings' dotnet publish "$work/consumer" -c Release -warnaserror -p:NeuralNetVersion="$version" -o "$work/native" \
  && check 'consumer: learns XOR as a native binary' run_and_expect_ok "$work/native/Consumer"

# The other languages of .NET, which have neither C#'s conversions of methods to delegates nor its static extension members.
for language in fsharp visualbasic; do
  folder=$work/$language
  cp -r "$here/$language" "$folder" && rm -rf "$folder/bin" "$folder/obj"
  cp "$here/consumer/nuget.config" "$folder" && ln -s "$work/consumer/packages" "$folder/packages"
  check "$language: builds without warnings" dotnet build "$folder" -c Release -warnaserror -p:NeuralNetVersion="$version" \
    && check "$language: learns XOR by values and by pairs" run_and_expect_ok dotnet "$folder/bin/Release/net10.0/Consumer.dll"
done

exit "$failures"
