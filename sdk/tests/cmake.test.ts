/** A CMake project with the toolchain file. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, runOk, runProgram, temporaryDirectory } from './support.ts';

test('a CMake project becomes a component', async (t) => {
  const directory = temporaryDirectory(t);
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text);
  file(
    'CMakeLists.txt',
    `cmake_minimum_required(VERSION 3.20)
project(sample C CXX)
set(CMAKE_CXX_STANDARD 20)
include(CheckFunctionExists)
include(CheckIncludeFile)
check_function_exists(socketpair HAVE_SOCKETPAIR)
check_function_exists(no_such_function HAVE_NO_SUCH_FUNCTION)
check_include_file(pwd.h HAVE_PWD_H)
find_package(Threads REQUIRED)
file(WRITE \${CMAKE_BINARY_DIR}/found.txt
  "\${HAVE_SOCKETPAIR}/\${HAVE_NO_SUCH_FUNCTION}/\${HAVE_PWD_H}/\${CMAKE_SIZEOF_VOID_P}/\${WASI}\\n")
add_library(part part.c)
add_executable(sample main.cc)
target_link_libraries(sample part Threads::Threads)
enable_testing()
add_test(NAME sample COMMAND sample 40)
`,
  );
  file('part.c', 'int part(void) { return 2; }\n');
  file(
    'main.cc',
    `#include <iostream>
#include <string>
extern "C" int part();
int main(int, char** argv) { std::cout << std::stoi(argv[1]) + part() << "\\n"; }
`,
  );
  const binary = join(directory, 'build');
  const toolchain = join(root, 'sdk/cmake/backtab.cmake');
  const args = ['-S', directory, '-B', binary, `-DCMAKE_TOOLCHAIN_FILE=${toolchain}`];
  const { stderr } = await runOk('cmake', [...args, '-DBUILD_SHARED_LIBS=OFF']);
  assert.equal(stderr, '');
  assert.equal(readFileSync(join(binary, 'found.txt'), 'utf8'), '1//1/4/1\n');
  await runOk('cmake', ['--build', binary]);
  const { stdout } = await runProgram(join(binary, 'sample.wasm'), { args: ['40'] });
  assert.equal(stdout, '42\n');
  // ctest runs programs with the command-line tool.
  const tests = readFileSync(join(binary, 'CTestTestfile.cmake'), 'utf8');
  assert.ok(
    tests.includes(`"${join(root, 'backtab')}" "run" "${join(binary, 'sample.wasm')}" "40"`),
  );
});
