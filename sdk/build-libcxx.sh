#!/usr/bin/env bash
# build-libcxx.sh LLVM_SOURCE SYSROOT CLANG_BIN_DIRECTORY SUFFIX
#
# Builds libc++, libc++abi and libunwind with WebAssembly exceptions, RTTI, <filesystem> and
# <fstream> into SYSROOT, beside wasi-libc. The tools are CLANG_BIN_DIRECTORY/clang$SUFFIX and so on.
set -euo pipefail
source=$1 sysroot=$2 bin=$3 suffix=$4

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
target=wasm32-wasip2

cat >"$build/toolchain.cmake" <<END
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER $bin/clang$suffix)
set(CMAKE_CXX_COMPILER $bin/clang++$suffix)
set(CMAKE_ASM_COMPILER $bin/clang$suffix)
set(CMAKE_AR $bin/llvm-ar$suffix)
set(CMAKE_RANLIB $bin/llvm-ranlib$suffix)
set(CMAKE_NM $bin/llvm-nm$suffix)
set(CMAKE_C_COMPILER_TARGET $target)
set(CMAKE_CXX_COMPILER_TARGET $target)
set(CMAKE_ASM_COMPILER_TARGET $target)
set(CMAKE_SYSROOT $sysroot)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
END

flags='-fwasm-exceptions -mllvm -wasm-use-legacy-eh=false -D_WASI_EMULATED_SIGNAL'
generator=()
command -v ninja >/dev/null && generator=(-G Ninja)
cmake "${generator[@]}" -S "$source/runtimes" -B "$build" \
  -DCMAKE_TOOLCHAIN_FILE="$build/toolchain.cmake" \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE='-O2 -DNDEBUG' \
  -DCMAKE_CXX_FLAGS_RELEASE='-O2 -DNDEBUG' \
  -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" \
  -DCMAKE_C_COMPILER_WORKS=ON -DCMAKE_CXX_COMPILER_WORKS=ON -DUNIX=ON \
  -DCMAKE_INSTALL_PREFIX="$sysroot" \
  -DLLVM_ENABLE_RUNTIMES='libunwind;libcxxabi;libcxx' \
  -DLIBCXX_INSTALL_INCLUDE_DIR=include/$target/c++/v1 \
  -DLIBCXX_INSTALL_INCLUDE_TARGET_DIR=include/$target/c++/v1 \
  -DLIBCXXABI_INSTALL_INCLUDE_DIR=include/$target/c++/v1 \
  -DLIBCXX_INSTALL_LIBRARY_DIR=lib/$target \
  -DLIBCXXABI_INSTALL_LIBRARY_DIR=lib/$target \
  -DLIBUNWIND_INSTALL_LIBRARY_DIR=lib/$target \
  -DLIBUNWIND_INSTALL_INCLUDE_DIR=include/$target/c++/v1 \
  -DLIBCXX_ENABLE_SHARED=OFF -DLIBCXXABI_ENABLE_SHARED=OFF -DLIBUNWIND_ENABLE_SHARED=OFF \
  -DLIBUNWIND_HIDE_SYMBOLS=ON -DLIBUNWIND_ENABLE_THREADS=OFF \
  -DLIBCXX_ENABLE_THREADS=ON -DLIBCXX_HAS_PTHREAD_API=ON \
  -DLIBCXXABI_ENABLE_THREADS=ON -DLIBCXXABI_HAS_PTHREAD_API=ON \
  -DLIBCXX_ENABLE_EXCEPTIONS=ON -DLIBCXXABI_ENABLE_EXCEPTIONS=ON \
  -DLIBCXXABI_USE_LLVM_UNWINDER=ON -DLIBCXX_ENABLE_FILESYSTEM=ON \
  -DLIBCXX_CXX_ABI=libcxxabi -DLIBCXX_HAS_MUSL_LIBC=OFF \
  -DLIBCXX_ENABLE_STATIC_ABI_LIBRARY=OFF -DLIBCXX_INCLUDE_TESTS=OFF \
  -DLIBCXX_INCLUDE_BENCHMARKS=OFF -DLIBCXXABI_INCLUDE_TESTS=OFF -DLIBUNWIND_INCLUDE_TESTS=OFF
cmake --build "$build" --parallel "$(nproc)"
cmake --install "$build"
