#!/usr/bin/env bash
# The one entry: ./build.sh help
# Sets up what is missing on a fresh machine (and says what, first), chooses where torch comes from, builds, runs.
set -Eeuo pipefail
shopt -s inherit_errexit 2>/dev/null || true   # bash 3.2, which macOS has, knows no such option

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
artifacts=$root/artifacts
step="starting"
counts_owed=false   # `test` ends with its line of counts, whatever happens

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MSBUILDDISABLENODEREUSE=1                              # leave no build server behind
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}            # spinning OpenMP threads cost a factor of five on a busy machine

help() {
    cat <<'TEXT'
./build.sh COMMAND [OPTION...]

  demo    train a network, protect it, attack it, and write the report (quick preset, some minutes).
          Options go to the program: ./build.sh demo --help
  tool    the tool behind it, DefenseBench, with all its commands: train, attack, evaluate, detect, doctor, run, merge, report, list.
          ./build.sh tool --help, ./build.sh tool doctor --help
  test    build and run every test and the Retrofit sample. The last line is "N passed, N failed, N skipped".
          Options go to `dotnet test`: ./build.sh test --filter FullyQualifiedName~Pgd
  bench   run the benchmarks. Options go to the program: ./build.sh bench --help
  pack    make the NuGet packages in artifacts/packages (needs the TorchSharp packages)
  help    this text

Each command first sets up what is missing. Needed beforehand: the .NET 10 SDK (https://dot.net), nothing else on Debian and Ubuntu.

Where torch comes from (environment variable TorchBackend; found out when unset):
  package   the TorchSharp packages of NuGet
  lite      the system's libtorch, through src/TorchSharp.Lite: for machines whose package registry has no TorchSharp.
            Installs the Debian packages libtorch-dev, libopenblas0-openmp and g++ when they are missing (about 1.3 GB on disk);
            LIBTORCH=FOLDER names another libtorch (include/ and lib/), CXX another compiler.
The finding is kept in artifacts/torch-backend; delete that file to look again.
TEXT
}

say() { printf '%s\n' "build.sh: $*" >&2; }

give_up() {   # give_up CODE TEXT...
    local code=$1
    shift
    say "$@"
    if $counts_owed && ((BASH_SUBSHELL == 0)); then echo "0 passed, 1 failed, 0 skipped"; fi
    exit "$code"
}

trap 'code=$?; trap - ERR; ((BASH_SUBSHELL == 0)) || exit "$code"; give_up "$code" "failed while $step (exit code $code, line $LINENO)"' ERR
trap 'trap - ERR; give_up 130 "interrupted while $step"' INT
trap 'trap - ERR; give_up 143 "ended while $step"' TERM

need_dotnet() {
    step="looking for the .NET SDK"
    local want=10 found
    command -v dotnet >/dev/null || give_up 1 "the .NET SDK $want is needed and 'dotnet' is not in PATH. Install it: https://dot.net/download"
    found=$(cd / && dotnet --list-sdks | sort -V | tail -n 1)
    [[ ${found%%.*} =~ ^[0-9]+$ && ${found%%.*} -ge $want ]] ||
        give_up 1 "the .NET SDK $want is needed; the newest one here is '${found:-none}'. Install it: https://dot.net/download"
}

# --- where torch comes from ----------------------------------------------------------------------------------------------------------

choose_backend() {
    step="choosing where torch comes from"
    local chosen=${TorchBackend:-}
    [[ -n $chosen ]] || chosen=$(probed_backend)
    [[ $chosen == package || $chosen == lite ]] || give_up 2 "TorchBackend is '$chosen'; it must be 'package' or 'lite'."
    export TorchBackend=$chosen
    if [[ $TorchBackend == lite ]]; then
        install_libtorch
    fi
}

# Prints package or lite. A definite answer is kept, with the version it was found for; a network that fails now may work tomorrow.
probed_backend() {
    local version kept=$artifacts/torch-backend answer
    version=$(sed -n 's/.*Include="TorchSharp" Version="\([^"]*\)".*/\1/p' "$root/Directory.Packages.props")
    [[ -n $version ]] || give_up 1 "Directory.Packages.props has no version of TorchSharp."
    if [[ -f $kept && $(head -n 1 "$kept") == "TorchSharp $version: "* ]]; then
        sed -n '1s/.*: //p' "$kept"
        return
    fi
    say "looking whether NuGet has TorchSharp $version"
    mkdir -p "$artifacts"
    answer=$(probe "$version")
    case $answer in
        package | lite) echo "TorchSharp $version: $answer" >"$kept" ;;
        *) answer=lite ;;
    esac
    if [[ $answer == lite ]]; then
        say "TorchSharp $version cannot be restored (artifacts/torch-probe.log says why): using the system's libtorch (TorchBackend=lite)"
    fi
    echo "$answer"
}

probe() {   # probe VERSION: prints package, lite, or unknown
    # Inside the tree, so that a nuget.config above it counts; but without the tree's own MSBuild files.
    local folder=$artifacts/torch-probe log=$artifacts/torch-probe.log limit=() code=0
    rm -rf -- "$folder"
    mkdir -p "$folder"
    cat >"$folder/probe.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="TorchSharp" Version="[$1]" /></ItemGroup>
</Project>
PROJECT
    if command -v timeout >/dev/null; then limit=(timeout --kill-after=5 60); fi
    ${limit[@]+"${limit[@]}"} dotnet restore "$folder/probe.csproj" -p:ImportDirectoryBuildProps=false \
        -p:ImportDirectoryBuildTargets=false -p:ImportDirectoryPackagesProps=false >"$log" 2>&1 </dev/null || code=$?
    rm -rf -- "$folder"
    if ((code == 0)); then
        echo package
    elif grep -qE 'NU110[123]' "$log"; then
        echo lite                                              # the registry answered: no such package, or no such version
    else
        echo unknown                                           # no answer, or none within the minute
    fi
}

# --- Debian packages -------------------------------------------------------------------------------------------------------------------

installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

install_libtorch() {
    step="looking for libtorch"
    local missing=() compiler=${CXX:-g++} header=${LIBTORCH:-/usr}/include/torch/csrc/api/include/torch/version.h
    if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
        if [[ -z ${LIBTORCH:-} ]]; then
            installed libtorch-dev || missing+=(libtorch-dev)
            # The -pthread build of OpenBLAS does not follow torch's thread count; without either, matrix products are thirty times slower.
            installed libopenblas0-openmp || missing+=(libopenblas0-openmp)
        fi
        [[ -n ${CXX:-} ]] || command -v g++ >/dev/null || missing+=(g++)
        if ((${#missing[@]} > 0)); then
            install_packages "${missing[@]}"
        fi
    fi
    command -v "$compiler" >/dev/null ||
        give_up 1 "the C++ compiler $compiler is needed for src/TorchSharp.Lite/native and is not in PATH. Install g++, or let CXX name a compiler."
    [[ -f $header ]] ||
        give_up 1 "libtorch 1.13 or newer with its headers is needed, and $header does not exist. Install it (libtorch-dev and libopenblas0-openmp on Debian)," \
            "or let LIBTORCH name an unpacked libtorch, or use a package registry that has TorchSharp: TorchBackend=package ./build.sh ..."
}

purpose() {
    case $1 in
        libtorch-dev) echo "torch itself, 1.0 GB on disk" ;;
        libopenblas0-openmp) echo "fast matrix products, 61 MB on disk" ;;
        g++) echo "compiles the bridge from .NET to libtorch, 286 MB on disk" ;;
    esac
}

install_packages() {
    local as_root=() package
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null ||
            give_up 1 "these Debian packages are missing: $*. Neither root nor sudo here; as root, run: apt-get update && apt-get install --no-install-recommends $*"
        as_root=(sudo)
    fi
    say "installing these Debian packages with apt-get${as_root[0]+ (through sudo)}, since TorchBackend is lite:"
    for package; do say "  $package: $(purpose "$package")"; done
    step="running apt-get update"
    ${as_root[@]+"${as_root[@]}"} apt-get update -q -o Acquire::Retries=3 >&2 ||
        say "apt-get update failed (a source may be out of reach); going on with the package lists that are there"
    step="installing $*"
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@" >&2 </dev/null
    for package; do
        installed "$package" || give_up 1 "apt-get ended without an error, but $package is not installed."
    done
}

# --- build and run ----------------------------------------------------------------------------------------------------------------------

build() {   # build PROJECT (a path below the root)
    step="building $1"
    say "building $1 (Release, TorchBackend=$TorchBackend)"
    mkdir -p "$artifacts"
    dotnet build "$root/$1" -c Release -v q -nologo '-clp:ErrorsOnly;NoSummary' >"$artifacts/build.log" 2>&1 || {
        local code=$?
        cat -- "$artifacts/build.log" >&2
        give_up "$code" "failed while $step (exit code $code)"
    }
}

has_option() {   # has_option NAME OPTION...: whether NAME or NAME=value is among the options
    local name=$1 option
    shift
    for option; do
        if [[ $option == "$name" || $option == "$name="* ]]; then return 0; fi
    done
    return 1
}

run() {   # run PROJECT_FOLDER OPTION...: becomes the built program, so that Ctrl-C and exit codes are its own
    local name=${1##*/} program
    program=$root/$1/bin/Release/net10.0/$name.dll
    shift
    step="running $name"
    exec dotnet "$program" "$@"
}

tool() {
    need_dotnet
    choose_backend
    build samples/DefenseBench
    run samples/DefenseBench "$@"
}

demo() {
    need_dotnet
    choose_backend
    build samples/DefenseBench
    if ! has_option --out "$@"; then
        set -- "$@" --out "$root/runs/demo"
        has_option --resume "$@" || set -- "$@" --overwrite
    fi
    run samples/DefenseBench run "$@"
}

bench() {
    need_dotnet
    choose_backend
    build tests/Defenses.Benchmarks
    run tests/Defenses.Benchmarks "$@"
}

pack() {
    need_dotnet
    step="choosing where torch comes from"
    export TorchBackend=${TorchBackend:-package}   # no probe: a registry without TorchSharp gives NuGet's own error
    local project
    for project in src/Defenses src/Defenses.Zoo; do
        step="packing $project"
        dotnet pack "$root/$project" -c Release -v q -nologo -o "$artifacts/packages" "$@" >&2
    done
    step="listing the packages"
    ls -- "$artifacts"/packages/*.nupkg
}

passed=0 failed=0 skipped=0

run_tests() {
    counts_owed=true
    need_dotnet
    choose_backend
    rm -rf -- "$artifacts/tests"
    local projects=(tests/Defenses.Tests) project
    if [[ $TorchBackend == lite ]]; then
        projects+=(tests/TorchSharp.Lite.Tests)
        build Defenses.sln
    else
        for project in "${projects[@]}" samples/Retrofit samples/DefenseBench tests/Defenses.Benchmarks; do build "$project"; done
    fi
    for project in "${projects[@]}"; do test_project "$project" "$@"; done
    try_sample
    step="adding up"
    echo "$passed passed, $failed failed, $skipped skipped"
    if ((failed > 0 || passed == 0)); then exit 1; fi
}

test_project() {   # test_project PROJECT OPTION...: adds to the counts
    local project=$1 name=${1##*/} code=0 results counts
    shift
    results=$artifacts/tests/$name.trx
    step="running the tests of $name"
    say "testing $name"
    dotnet test "$root/$project" -c Release --no-build --nologo --results-directory "$artifacts/tests" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --blame-hang-timeout 15m --blame-hang-dump-type none "$@" </dev/null || code=$?
    counts=$(count_results "$results")
    step="reading $results"
    local p f s
    read -r p f s <<<"$counts"
    # A test host that crashed or hung leaves no failed test, only its exit code; a file that is missing without one means that nothing ran.
    if ((code != 0 && f == 0)); then
        say "the test run of $name ended with exit code $code and names no failed test: the test host crashed or hung. Counted as one failure."
        f=1
    elif ((p + f + s == 0 && $# == 0)); then
        say "no test of $name ran. Counted as one failure."
        f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# Prints "passed failed skipped" from the line <Counters total="12" executed="11" passed="10" .../> of a results file.
count_results() {
    if [[ ! -f $1 ]]; then
        echo "0 0 0"
        return
    fi
    tr '<' '\n' <"$1" | awk '
        function number(name,    text) {
            if (!match($0, " " name "=\"[0-9]+\"")) return 0
            text = substr($0, RSTART, RLENGTH)
            gsub(/[^0-9]/, "", text)
            return text + 0
        }
        /^Counters / {
            total = number("total"); passed = number("passed")
            failed = number("failed") + number("error") + number("timeout") + number("aborted")
        }
        END { print passed + 0, failed + 0, total - passed - failed }'
}

try_sample() {
    local code=0
    step="running samples/Retrofit"
    say "running samples/Retrofit"
    dotnet "$root/samples/Retrofit/bin/Release/net10.0/Retrofit.dll" </dev/null || code=$?
    if ((code != 0)); then
        say "samples/Retrofit ended with exit code $code. Counted as one failure."
        failed=$((failed + 1))
    fi
}

command=${1:-help}
if (($# > 0)); then shift; fi
case $command in
    demo | tool | bench | pack) "$command" "$@" ;;
    test) run_tests "$@" ;;
    help | -h | --help) help ;;
    *)
        say "'$command' is not a command."
        help >&2
        exit 2
        ;;
esac
