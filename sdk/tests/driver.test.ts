/** The compiler drivers as build tools use them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drivers, programs, root, run, runOk, runProgram, temporaryDirectory } from './support.ts';

const hello = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n';

/** The core imports of a program, as `module name`. */
function coreImports(path: string): string[] {
  const module = new WebAssembly.Module(readFileSync(path));
  return WebAssembly.Module.imports(module).map(({ module, name }) => `${module} ${name}`);
}

test('one call compiles and links a component, and says nothing', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'hello.c'), hello);
  const { stdout, stderr } = await runOk(drivers.cc, ['hello.c'], { cwd: directory });
  assert.equal(stdout + stderr, '');
  const program = join(directory, 'a.out');
  assert.deepEqual([...readFileSync(program).subarray(0, 8)], [0, 0x61, 0x73, 0x6d, 13, 0, 1, 0]);
  // configure scripts look for this.
  assert.notEqual(statSync(program).mode & 0o111, 0);
  assert.equal((await runProgram(program)).stdout, 'hello\n');
});

test('`backtab cc` and `backtab c++` are the drivers', async () => {
  for (const name of ['cc', 'c++']) {
    const { stdout } = await runOk(join(root, 'backtab'), [name, '--version']);
    assert.match(stdout, /clang version/);
  }
});

test('objects, archives and sources link together', async (t) => {
  const directory = temporaryDirectory(t);
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text);
  file('one.c', 'int one(void) { return 1; }\n');
  file('two.c', 'int two(void) { return 2; }\n');
  file(
    'main.cc',
    '#include <iostream>\nextern "C" { int one(); int two(); }\n' +
      'int main() { std::cout << one() + two() << "\\n"; }\n',
  );
  const options = { cwd: directory };
  await runOk(drivers.cc, ['-c', 'one.c', 'two.c'], options);
  await runOk('llvm-ar-22', ['rcs', 'libtwo.a', 'two.o'], options);
  const args = ['main.cc', 'one.o', '-L.', '-ltwo', '-lm', '-lpthread', '-pthread', '-o', 'sum'];
  await runOk(drivers.cxx, args, options);
  assert.equal((await runProgram(join(directory, 'sum'))).stdout, '3\n');
});

test('make builds with its implicit rules', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'hello.c'), hello);
  const env = { CC: `${root}/backtab cc` };
  await runOk('make', ['--environment-overrides', 'hello'], { cwd: directory, env });
  assert.equal((await runProgram(join(directory, 'hello'))).stdout, 'hello\n');
});

test('response files are read, also long ones', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'with space.c'), 'int main(void) { return VALUE; }\n');
  const macros = Array.from({ length: 9000 }, (_, i) => `-DUNUSED_MACRO_NUMBER_${i}=1`);
  writeFileSync(
    join(directory, 'arguments'),
    `-DVALUE=5 "with space.c"\n${macros.join('\n')}\n-o 'out put.wasm'`,
  );
  await runOk(drivers.cc, ['@arguments'], { cwd: directory });
  const { outcome } = await runProgram(join(directory, 'out put.wasm'));
  assert.deepEqual(outcome, { kind: 'exit', status: 5 });
});

test('what does not link goes through clang unchanged', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'hello.c'), hello);
  const options = { cwd: directory };
  assert.match((await runOk(drivers.cc, ['-E', 'hello.c'], options)).stdout, /int main\(void\)/);
  assert.match((await runOk(drivers.cc, ['-M', 'hello.c'], options)).stdout, /^hello\.o: hello\.c/);
  assert.match((await runOk(drivers.cc, ['-v'], options)).stderr, /wasm32-unknown-wasip2/);
  assert.equal((await runOk(drivers.cc, ['-dumpmachine'])).stdout, 'wasm32-unknown-wasip2\n');
  const libc = (await runOk(drivers.cc, ['-print-file-name=libc.a'])).stdout.trim();
  assert.ok(existsSync(libc), libc);
  await runOk(drivers.cc, ['-c', '-MD', '-MF', 'hello.d', 'hello.c', '-o', 'x.o'], options);
  assert.ok(existsSync(join(directory, 'x.o')));
  assert.match(readFileSync(join(directory, 'hello.d'), 'utf8'), /^x\.o: hello\.c/);
});

test('shared libraries are refused with the remedy', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'hello.c'), hello);
  const result = await run(drivers.cc, ['-shared', 'hello.c', '-o', 'x.so'], { cwd: directory });
  assert.equal(result.status, 1);
  assert.match(result.stderr, /^backtab-cc: error: -shared: .*static library/);
  assert.ok(!existsSync(join(directory, 'x.so')));
});

test('a failed link leaves nothing behind, not even an older program', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'x.c'), 'int missing(void);\nint main(void) { missing(); }\n');
  writeFileSync(join(directory, 'a.out'), 'older');
  const result = await run(drivers.cc, ['x.c'], { cwd: directory });
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /undefined symbol: missing/);
  assert.ok(!existsSync(join(directory, 'a.out')));
});

test('calls that can only fail are named once each, and only where they are used', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(
    join(directory, 'x.c'),
    '#include <unistd.h>\n#include <stdlib.h>\n' +
      'void unused(void) { system("x"); }\n' +
      'int main(void) { return fork() + fork() + execl("x", "x", (char *)0); }\n',
  );
  const { stderr } = await runOk(drivers.cc, ['-O0', 'x.c'], { cwd: directory });
  assert.deepEqual(stderr.trimEnd().split('\n'), [
    'backtab-cc: note: this program calls fork(), which always fails here (ENOSYS)',
    'backtab-cc: note: this program calls execl(), which always fails here (ENOSYS)',
  ]);
  writeFileSync(
    join(directory, 'thread.cc'),
    '#include <thread>\nint main() { std::thread([] {}).join(); }\n',
  );
  const thread = await runOk(drivers.cxx, ['thread.cc'], { cwd: directory });
  assert.match(thread.stderr, /pthread_create\(\), which always fails here/);
});

test('the library itself refers to none of them', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(
    join(directory, 'x.c'),
    '#include <fcntl.h>\n#include <netdb.h>\n#include <signal.h>\n#include <sys/ioctl.h>\n' +
      '#include <stdio.h>\n#include <sys/stat.h>\n' +
      'int main(void) { struct addrinfo *a; struct winsize w; return fcntl(0, F_GETFD) + ' +
      'ioctl(0, TIOCGWINSZ, &w) + chmod("x", 0) + getaddrinfo("x", 0, 0, &a) + raise(0) + ' +
      '(tmpfile() == 0); }\n',
  );
  const { stderr } = await runOk(drivers.cc, ['x.c'], { cwd: directory });
  assert.equal(stderr, '');
});

test("a program's own function of such a name is not mistaken for the library's", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(
    join(directory, 'x.c'),
    'int system(const char *text) { return text[0]; }\nint main(void) { return system("*"); }\n',
  );
  const { stderr } = await runOk(drivers.cc, ['-O0', '-fno-builtin', 'x.c'], { cwd: directory });
  assert.equal(stderr, '');
  const { outcome } = await runProgram(join(directory, 'a.out'));
  assert.deepEqual(outcome, { kind: 'exit', status: 42 });
});

test('--no-component gives the core module, with exit statuses and without preview 1', async (t) => {
  const core = join(temporaryDirectory(t), 'core.wasm');
  await runOk(drivers.cxx, ['--no-component', join(programs, 'sockets.cc'), '-o', core]);
  const imports = coreImports(core);
  assert.ok(imports.includes('wasi:cli/exit@0.2.6 exit-with-code'));
  assert.ok(imports.some((name) => name.includes('[method]tcp-socket.start-connect')));
  assert.deepEqual(
    imports.filter((name) => !name.startsWith('wasi:')),
    [],
  );
  const { outcome } = await runProgram(core);
  assert.deepEqual(outcome, { kind: 'exit', status: 0 });
});

test('names survive, debug information is kept when the link is given -g', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'hello.c'), hello);
  const sections = async (...flags: string[]) => {
    const core = join(directory, 'core.wasm');
    await runOk(drivers.cc, [...flags, '--no-component', 'hello.c', '-o', core], {
      cwd: directory,
    });
    const module = new WebAssembly.Module(readFileSync(core));
    return ['name', '.debug_info'].map(
      (name) => WebAssembly.Module.customSections(module, name).length,
    );
  };
  assert.deepEqual(await sections('-O2'), [1, 0]);
  assert.deepEqual(await sections('-g'), [1, 1]);
  assert.deepEqual(await sections('-O2', '-s'), [0, 0]);
});

test('objects can be linked into one object', async (t) => {
  const directory = temporaryDirectory(t);
  const options = { cwd: directory };
  writeFileSync(join(directory, 'one.c'), 'int one(void) { return 30; }\n');
  writeFileSync(
    join(directory, 'main.c'),
    'int one(void);\nint main(void) { return one() + 3; }\n',
  );
  await runOk(drivers.cc, ['-c', 'one.c', 'main.c'], options);
  await runOk(drivers.cc, ['-r', 'one.o', 'main.o', '-o', 'both.o'], options);
  await runOk(drivers.cc, ['both.o'], options);
  const { outcome } = await runProgram(join(directory, 'a.out'));
  assert.deepEqual(outcome, { kind: 'exit', status: 33 });
});
