import { Command, Option } from 'commander';
import { version } from './build-info.ts';
import { browserNames } from './browsers.ts';
import { run, type RunOptions } from './commands/run.ts';
import { up, type UpOptions } from './commands/up.ts';
import { ToolError } from './errors.ts';
import {
  parseAddress,
  parseMount,
  parseName,
  parsePathPair,
  parsePublication,
  parseSeconds,
  parseTemporary,
  parseTrace,
  parseVariable,
} from './options.ts';

/** An option that can be given several times; its parsed values are collected in order. */
function repeatable(flags: string, description: string, parse: (value: string) => unknown): Option {
  return new Option(flags, description)
    .argParser((value: string, earlier: unknown[]) => [...earlier, parse(value)])
    .default([], 'none; may be given several times');
}

function browserOption(): Option {
  return new Option('--browser <browser>', 'the browser to use (default: chromium)').choices(
    browserNames,
  );
}

function profileOption(): Option {
  return new Option(
    '--profile <dir>',
    "a browser profile; disks live in it (default: the user's data directory when a disk is named, else a temporary one)",
  );
}

function traceOption(): Option {
  return new Option(
    '--trace [packages]',
    'show each WASI call on standard error; --trace=filesystem,sockets only those',
  ).argParser(parseTrace);
}

/**
 * Gives a bare `--trace` an empty value, as its own argument must never be taken from the words that
 * follow; the program's arguments are left alone.
 *
 * @param command the command that the words belong to
 * @param words the words after the command's name
 */
function completeTrace(command: Command, words: readonly string[]): string[] {
  const completed = [...words];
  for (let i = 0; i < completed.length; i++) {
    const word = completed[i] ?? '';
    if (!word.startsWith('-') || word === '--') break;
    if (word === '--trace') completed[i] = '--trace=';
    else if (command.options.some(({ long, required }) => long === word && required)) i++;
  }
  return completed;
}

/** The command line with what {@link completeTrace} does to its command. */
export function completeArguments(program: Command, words: readonly string[]): string[] {
  const [name = '', ...rest] = words;
  const command = program.commands.find((each) => each.name() === name);
  return command === undefined ? [...words] : [name, ...completeTrace(command, rest)];
}

function runCommand(ended: (status: number) => void): Command {
  return new Command('run')
    .summary('run a program in a browser tab')
    .description(
      'Runs a WASI program in a real browser tab. Standard input, output and error are passed ' +
        "through; the exit status is the program's, 124 after --timeout, 125 for an error of " +
        'backtab itself, 134 for a trap and 137 when the program was killed.\n\n' +
        'A second run on a profile in use opens a tab in the same browser, so that programs of ' +
        'two terminals can meet on one network.',
    )
    .argument('<program>', 'a WASI 0.2 component, or a preview 1 command')
    .argument('[args...]', "the program's arguments")
    .passThroughOptions()
    .option('--disk <name>', 'keep the files on this disk (default: in memory)', (value) =>
      parseName('--disk', value),
    )
    .addOption(
      repeatable('--mount <guest=disk[:ro]>', 'mount another disk, perhaps read-only', parseMount),
    )
    .addOption(repeatable('--tmp <guest>', 'mount a temporary disk in memory', parseTemporary))
    .addOption(profileOption())
    .option('--network <name>', 'the network to join (default: default)', (value) =>
      parseName('--network', value),
    )
    .option('--name <name>', "the node's name in the network", (value) =>
      parseName('--name', value),
    )
    .option('--ip <address>', "the node's address (default: the next free one)", (value) =>
      parseAddress('--ip', value),
    )
    .addOption(repeatable('--env <name=value>', 'set an environment variable', parseVariable))
    .addOption(
      repeatable('--file <guest=host>', 'copy a file onto the disk before the start', (value) =>
        parsePathPair('--file', value),
      ),
    )
    .addOption(
      repeatable('--dir <guest=host>', 'copy a tree onto the disk before the start', (value) =>
        parsePathPair('--dir', value),
      ),
    )
    .addOption(
      repeatable('--out <guest=host>', 'copy a file or tree back at the end', (value) =>
        parsePathPair('--out', value),
      ),
    )
    .addOption(
      repeatable(
        '--publish <[address:]hostport:port>',
        "bridge a port of this machine to the program's (address default: 127.0.0.1)",
        parsePublication,
      ),
    )
    .addOption(browserOption())
    .option('--timeout <seconds>', 'end the run after this time, with status 124', (value) =>
      parseSeconds('--timeout', value),
    )
    .option('--headful', "show the browser's window")
    .addOption(traceOption())
    .action(async (program: string, args: string[], options: RunOptions) => {
      ended(await run(program, args, options));
    });
}

function upCommand(ended: (status: number) => void): Command {
  return new Command('up')
    .summary('run several nodes on one network')
    .description(
      'Runs the nodes of a cluster file on one network, each in a tab of its own unless its "tab" ' +
        'is false. Output lines are prefixed "NAME | ". Ends when every node has ended, with the ' +
        'first status that was not 0.\n\n' +
        'The file is JSON; all keys but "nodes", "name" and "program" can be left out:\n\n' +
        '  {"network": "demo", "nodes": [\n' +
        '    {"name": "server", "program": "server.wasm", "args": ["6379"],\n' +
        '     "env": {"LEVEL": "1"}, "disk": "data", "mount": ["/lib=shared:ro"],\n' +
        '     "tmp": ["/tmp"], "ip": "10.0.0.1", "tab": true, "publish": ["8080:6379"]},\n' +
        '    {"name": "client", "program": "client.wasm", "waitFor": ["server:6379"]}]}',
    )
    .argument('<cluster>', 'the cluster file')
    .addOption(profileOption())
    .addOption(browserOption())
    .option('--headful', "show the browser's window")
    .addOption(traceOption())
    .action(async (file: string, options: UpOptions) => {
      ended(await up(file, options));
    });
}

/** Commands that the launcher handles before this tool is started; listed for `help`. */
function launcherCommand(name: string, summary: string, description: string): Command {
  return new Command(name)
    .summary(summary)
    .description(description)
    .argument('[args...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(() => {
      throw new ToolError(`${name} is handled by the launcher: use ./backtab ${name}`);
    });
}

/**
 * The tool's commands and options.
 *
 * @param ended receives the exit status of the command that was run
 */
export function commandLine(ended: (status: number) => void): Command {
  const program = new Command('backtab')
    .description('Runs unmodified WASI programs, C++ servers included, in a browser tab.')
    .version(version, '--version', 'print the version')
    .enablePositionalOptions()
    .addCommand(runCommand(ended))
    .addCommand(upCommand(ended))
    .addCommand(
      launcherCommand(
        'setup',
        'set up the C++ toolchain and the browsers',
        'Sets up the C++ toolchain in .toolchain/, or uses the wasi-sdk in WASI_SDK_PATH.',
      ),
    );
  for (const [name, language] of [
    ['c++', 'C++'],
    ['cc', 'C'],
  ] as const) {
    program.addCommand(
      launcherCommand(
        name,
        `compile ${language} to a program for run`,
        `A ${language} compiler driver that takes clang's arguments, as CC and CXX of make,\n` +
          'autoconf and CMake do; linking makes a WASI 0.2 component.',
      ),
    );
  }
  return fail(program);
}

/** Errors of usage are thrown and look like every other error of the tool. */
function fail(command: Command): Command {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'backtab: ')),
  });
  for (const child of command.commands) fail(child);
  return command;
}
