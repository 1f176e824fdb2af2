#!/usr/bin/env bash
# setup.sh [COMPONENT…]
#
# Makes ready what the project builds and runs with. Does nothing, quickly, when that is done.
#   toolchain  (default) the C++ toolchain for WebAssembly in .toolchain/, and npm
#   npm        the JavaScript packages of package-lock.json in node_modules/
#   browsers   Chromium and Firefox, which run programs and tests
#   tests      the other Debian packages that the tests use: GoogleTest, redis-cli and so on
#
# Outside the checkout only apt-get install changes anything. Environment:
#   WASI_SDK_PATH      a wasi-sdk (33 or newer for C++ exceptions) to use in place of Debian's
#                      compiler and the libraries built here
#   BACKTAB_TOOLCHAIN  another directory in place of .toolchain
set -euo pipefail
sdk=$(dirname "$(readlink -f "$0")")
root=$(dirname "$sdk")
toolchain=$(readlink -m "${BACKTAB_TOOLCHAIN:-$root/.toolchain}")
stamps=$toolchain/stamps
work=

# Raise when libraries that are already installed have to be made again.
readonly sysroot_version=1
# The first wasi-libc whose sockets do without preview 1.
readonly oldest_wasi_libc=20260423
# What libc++ is taken from where LLVM's sources cannot be fetched.
readonly fallback_package=@yowasp/clang@22.0.0-git20542-10

say() { if [ -t 2 ]; then echo "backtab: $*" >&2; fi; }
warn() { echo "backtab: $*" >&2; }
fail() {
  echo "backtab: $*" >&2
  exit 1
}

# Runs a command and shows what it printed only when it fails.
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# A scratch directory inside the toolchain's, so that results can be moved into place at once.
open_work() {
  if [ -z "$work" ]; then
    work=$(mktemp -d "$toolchain/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
  fi
}

# debian_packages PACKAGE=FILE… : installs each package whose FILE is missing.
debian_packages() {
  local entry missing=()
  for entry; do
    [ -e "${entry#*=}" ] || missing+=("${entry%%=*}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    fail "missing: ${missing[*]} (here named as Debian names them)"
  fi
  if [ "$(id -u)" != 0 ]; then
    fail "missing Debian packages; as root run: apt-get install ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  quietly apt-get -qq update || warn "apt-get update failed; trying with the lists there are"
  DEBIAN_FRONTEND=noninteractive quietly apt-get -qq install --no-install-recommends -y \
    "${missing[@]}" || fail "apt-get could not install ${missing[*]}"
}

# up_to_date STAMP SOURCE… : whether STAMP is newer than every source (files or directories).
up_to_date() {
  [ -e "$1" ] && [ -z "$(find "${@:2}" -newer "$1" -print -quit)" ]
}

set_up_npm() {
  [ -e "$root/node_modules/.package-lock.json" ] &&
    [ ! "$root/package-lock.json" -nt "$root/node_modules/.package-lock.json" ] && return
  command -v npm >/dev/null || fail "npm is missing; install Node.js 20 or newer with npm"
  say "installing JavaScript packages"
  # npm ci refuses a lock file that lacks optional packages for other platforms, which is how npm
  # writes it behind a registry mirror without them; npm install takes the same versions from it.
  (cd "$root" && npm ci --no-audit --no-fund >/dev/null 2>&1) ||
    (cd "$root" && quietly npm install --no-save --no-audit --no-fund) ||
    fail "npm could not install the packages of package-lock.json"
  touch "$root/node_modules/.package-lock.json"
}

set_up_browsers() {
  debian_packages chromium=/usr/bin/chromium firefox-esr=/usr/bin/firefox-esr
}

set_up_tests() {
  debian_packages redis-tools=/usr/bin/redis-cli xvfb=/usr/bin/Xvfb \
    clang-format=/usr/bin/clang-format libgtest-dev=/usr/include/gtest/gtest.h \
    cmake=/usr/bin/cmake make=/usr/bin/make g++=/usr/bin/g++ tcl=/usr/bin/tclsh
}

# Copies Debian's wasi-libc into $work/sysroot and sets wasi_libc_version.
fetch_wasi_libc() {
  say "fetching wasi-libc"
  . "$sdk/debian.sh"
  open_work
  (
    debian_open sid
    cd "$work"
    apt-get "${debian_apt[@]}" download wasi-libc
  ) || fail "wasi-libc could not be fetched from Debian"
  quietly dpkg -x "$work"/wasi-libc_*.deb "$work/wasi-libc"
  mkdir -p "$work/sysroot/include" "$work/sysroot/lib"
  mv "$work/wasi-libc/usr/include/wasm32-wasip2" "$work/sysroot/include/"
  mv "$work/wasi-libc/usr/lib/wasm32-wasip2" "$work/sysroot/lib/"
  wasi_libc_version=$(dpkg-deb --field "$work"/wasi-libc_*.deb Version)
  if [[ $wasi_libc_version =~ git([0-9]{8}) ]] && ((BASH_REMATCH[1] < oldest_wasi_libc)); then
    fail "wasi-libc $wasi_libc_version is too old; $oldest_wasi_libc or newer is needed"
  fi
}

# Checks that sockets are there and that nothing of preview 1 is needed for them.
probe_wasi_libc() {
  open_work
  cat >"$work/probe.c" <<'END'
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  char byte = (char)inet_addr("127.0.0.1");
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  return (int)(write(descriptor, &byte, 1) + read(descriptor, &byte, 1));
}
END
  "$clang" --target=wasm32-wasip2 "--sysroot=$1" -nostartfiles -nodefaultlibs "-fuse-ld=$linker" \
    "$work/probe.c" "$1/lib/wasm32-wasip2/crt1-command.o" -lc "$builtins" -o "$work/probe.wasm" ||
    fail "a socket program does not link with this wasi-libc"
  if grep -q wasi_snapshot_preview1 "$work/probe.wasm"; then
    fail "this wasi-libc uses preview 1 for sockets; $oldest_wasi_libc or newer is needed"
  fi
}

# Builds libc++ from Debian's LLVM sources into $work/sysroot. Sets libcxx_version.
build_libcxx() {
  local tarball
  . "$sdk/debian.sh"
  say "fetching LLVM's sources (200 MB, deleted afterwards)"
  tarball=$(debian_open sid && debian_upstream_tarball llvm-toolchain-22 "$work") || return 1
  say "building libc++ with exceptions"
  mkdir "$work/llvm"
  tar -xf "$tarball" -C "$work/llvm" --strip-components=1 --exclude='*/test/*' \
    --wildcards --no-wildcards-match-slash \
    '*/'{runtimes,cmake,libcxx,libcxxabi,libunwind,llvm/cmake,llvm/utils,libc,third-party} || return 1
  rm "$tarball"
  quietly "$sdk/build-libcxx.sh" "$work/llvm" "$work/sysroot" /usr/bin -22 || return 1
  libcxx_version="$(basename "$tarball" | sed -E 's/^[^_]*_([^_]*)\.orig.*/\1/'), built with exceptions"
}

# Takes a libc++ without exceptions from an npm package into $work/sysroot. Sets libcxx_version.
fetch_libcxx_fallback() {
  local include=$work/sysroot/include/wasm32-wasip2 lib=$work/sysroot/lib/wasm32-wasip2
  mkdir "$work/fallback"
  (
    cd "$work/fallback"
    quietly npm pack --silent "$fallback_package"
    tar -xzf ./*.tgz package/gen/llvm-resources.tar
    tar -xf package/gen/llvm-resources.tar
  ) || fail "no libc++: neither LLVM's sources nor $fallback_package could be fetched"
  mkdir -p "$include/c++"
  mv "$(find "$work/fallback" -path '*/include/c++/v1' -type d | head -n 1)" "$include/c++/v1"
  mv "$(find "$work/fallback" -path '*/wasm32-wasip1/libc++.a')" "$lib/"
  mv "$(find "$work/fallback" -path '*/wasm32-wasip1/libc++abi.a')" "$lib/"
  libcxx_version="of $fallback_package, without exceptions (LLVM's sources could not be fetched)"
}

# Chooses the compiler and brings $sysroot into being; sets what driver.conf names.
set_up_sysroot() {
  local key candidate
  wasi_sdk=${WASI_SDK_PATH-}
  if [ -n "$wasi_sdk" ]; then
    bin=$wasi_sdk/bin suffix=
    sysroot=$wasi_sdk/share/wasi-sysroot
    for candidate in bin/clang bin/clang++ bin/wasm-ld bin/llvm-ar share/wasi-sysroot; do
      [ -e "$wasi_sdk/$candidate" ] || fail "WASI_SDK_PATH is no wasi-sdk: it has no $candidate"
    done
  else
    bin=/usr/bin suffix=-22
    sysroot=$toolchain/sysroot
    debian_packages clang-22=/usr/bin/clang-22 lld-22=/usr/bin/wasm-ld-22 \
      llvm-22=/usr/bin/llvm-ar-22 g++=/usr/bin/g++ cmake=/usr/bin/cmake make=/usr/bin/make \
      xz-utils=/usr/bin/xz \
      libclang-rt-22-dev-wasm32=/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a
  fi
  clang=$bin/clang$suffix linker=$bin/wasm-ld$suffix archiver=$bin/llvm-ar$suffix

  builtins=
  for candidate in "${wasi_sdk:-/usr/lib/llvm-22}"/lib/clang/*/lib/{wasm32-unknown-wasip2/libclang_rt.builtins.a,wasip2/libclang_rt.builtins-wasm32.a,wasi/libclang_rt.builtins-wasm32.a}; do
    if [ -e "$candidate" ]; then
      builtins=$candidate
      break
    fi
  done
  [ -n "$builtins" ] || fail "$clang has no builtins library for wasm32"

  key="$sysroot_version $clang $sysroot"
  if [ "$(cat "$stamps/sysroot" 2>/dev/null)" != "$key" ]; then
    open_work
    if [ -n "$wasi_sdk" ]; then
      probe_wasi_libc "$sysroot"
      wasi_libc_version="of $wasi_sdk"
      libcxx_version="of $wasi_sdk"
    else
      fetch_wasi_libc
      probe_wasi_libc "$work/sysroot"
      build_libcxx || {
        warn "libc++ could not be built from LLVM's sources; falling back to $fallback_package," \
          "without C++ exceptions"
        fetch_libcxx_fallback
      }
      rm -rf "$toolchain/sysroot"
      mv "$work/sysroot" "$toolchain/sysroot"
    fi
    {
      echo "clang: $("$clang" --version | head -n 1)"
      echo "wasi-libc: $wasi_libc_version"
      echo "libc++: $libcxx_version"
    } >"$toolchain/versions"
    echo "$key" >"$stamps/sysroot"
  fi

  # wasi-sdk has libc++ twice, with exceptions and without; older ones and ours have it once.
  cpp_libraries=$sysroot/lib/wasm32-wasip2/eh
  [ -d "$cpp_libraries" ] || cpp_libraries=$sysroot/lib/wasm32-wasip2
  cpp_include=
  for candidate in wasm32-wasip2/eh/c++/v1 wasm32-wasip2/c++/v1 c++/v1; do
    if [ -d "$sysroot/include/$candidate" ]; then
      cpp_include=$sysroot/include/$candidate
      break
    fi
  done
  [ -n "$cpp_include" ] || fail "$sysroot has no libc++ for wasm32-wasip2"
  exceptions=no
  [ ! -e "$cpp_libraries/libunwind.a" ] || exceptions=yes
}

# The functions and variables that the members of an archive define, sorted.
global_symbols() {
  "$bin/llvm-nm$suffix" --defined-only --extern-only --format=just-symbols --quiet "$1" 2>/dev/null |
    sed -e '/:$/d' -e '/^$/d' | LC_ALL=C sort -u
}

# compile_compat RUNTIME FLAG… : makes RUNTIME/libcompat.a of sdk/compat/src.
compile_compat() {
  local source
  rm -rf "$1/objects" "$1/libcompat.a"
  mkdir "$1/objects"
  for source in "$sdk"/compat/src/*.c; do
    "$clang" "${@:2}" -c "$source" -o "$1/objects/$(basename "$source" .c).o" ||
      fail "$source does not compile"
  done
  "$archiver" rcs "$1/libcompat.a" "$1"/objects/*.o
}

# The objects and the library that every program is linked with.
set_up_runtime() {
  local stamp=$stamps/runtime runtime flags
  up_to_date "$stamp" "$sdk/runtime" "$sdk/compat" "$sdk/link" "$sdk/setup.sh" "$stamps/sysroot" && return
  say "building the runtime library"
  open_work
  runtime=$work/runtime
  mkdir "$runtime"
  flags=(--target=wasm32-wasip2 "--sysroot=$sysroot" -isystem "$sdk/compat/include" -std=gnu17 -O2 -g
    -Wall -Wextra -Werror -D_GNU_SOURCE -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN
    -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_PROCESS_CLOCKS)
  "$clang" "${flags[@]}" -c "$sdk/runtime/exit.c" -o "$runtime/exit.o"
  "$clang" "${flags[@]}" -c "$sdk/runtime/main.c" -o "$runtime/main.o"
  if [ $exceptions = yes ]; then
    "$bin/clang++$suffix" --target=wasm32-wasip2 "--sysroot=$sysroot" -O2 -g -Wall -Wextra -Werror \
      -stdlib++-isystem "$cpp_include" -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false \
      -c "$sdk/runtime/main_cpp.cc" -o "$runtime/main_cpp.o"
  fi
  "$clang" --target=wasm32-wasip2 -mexception-handling -c "$sdk/runtime/cpp_exception.S" \
    -o "$runtime/cpp_exception.o"
  node "$sdk/link/component-type.mjs" "$sdk/runtime/exit.wit" runtime >"$work/component_type.s" ||
    fail "the component type of the runtime could not be made"
  "$clang" --target=wasm32-wasip2 -c "$work/component_type.s" -o "$runtime/component_type.o"
  compile_compat "$runtime" "${flags[@]}"
  # A newer wasi-libc may have grown some of these functions; then ours must give way.
  LC_ALL=C comm -12 <(global_symbols "$runtime/libcompat.a") \
    <(global_symbols "$sysroot/lib/wasm32-wasip2/libc.a") |
    sed 's/^/#pragma weak /' >"$work/weak.h"
  if [ -s "$work/weak.h" ]; then compile_compat "$runtime" "${flags[@]}" -include "$work/weak.h" -w; fi
  rm -rf "$runtime/objects" "$toolchain/runtime"
  mv "$runtime" "$toolchain/runtime"
  touch "$stamp"
}

set_up_driver() {
  local stamp=$stamps/driver configuration
  mkdir -p "$toolchain/bin"
  if ! up_to_date "$stamp" "$sdk/driver" "$sdk/compat/failing_calls.def"; then
    say "building the compiler driver"
    open_work
    "${CXX_FOR_BUILD:-c++}" -std=c++20 -O2 -Wall -Wextra -fno-exceptions -fno-rtti \
      $(ls "$sdk"/driver/*.cc | grep -v _test) -o "$work/backtab-c++" ||
      fail "the compiler driver could not be built"
    mv "$work/backtab-c++" "$toolchain/bin/backtab-c++"
    ln -sf backtab-c++ "$toolchain/bin/backtab-cc"
    touch "$stamp"
  fi
  configuration="# Written by sdk/setup.sh; read by the compiler driver.
clang=$clang
clang++=$bin/clang++$suffix
linker=$linker
archiver=$archiver
ranlib=$bin/llvm-ranlib$suffix
names=$bin/llvm-nm$suffix
sysroot=$sysroot
c++-include=$cpp_include
c++-libraries=$cpp_libraries
builtins=$builtins
runtime=$toolchain/runtime
compat=$sdk/compat/include
componentize=$sdk/link/component.mjs
wasi-sdk=$wasi_sdk
exceptions=$exceptions"
  if [ "$(cat "$toolchain/driver.conf" 2>/dev/null)" != "$configuration" ]; then
    echo "$configuration" >"$toolchain/driver.conf"
  fi
}

set_up_toolchain() {
  set_up_npm
  set_up_sysroot
  set_up_runtime
  set_up_driver
}

mkdir -p "$stamps"
# Two set-ups at once would build the same thing twice.
if command -v flock >/dev/null; then
  exec 9>"$toolchain/lock"
  flock 9
fi

for component in "${@:-toolchain}"; do
  case $component in
    toolchain) set_up_toolchain ;;
    npm) set_up_npm ;;
    browsers) set_up_browsers ;;
    tests) set_up_tests ;;
    *) fail "setup knows no component '$component'; there are toolchain, npm, browsers and tests" ;;
  esac
done
