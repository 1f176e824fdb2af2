/** wasi:cli 0.2: what the command world imports; its export `run` is called by `world.ts`. */
import { func, list, option, own, result, string, tuple, u8, witInterface } from '../abi/wit.ts';

/** The interfaces of wasi:cli. */
export const cliInterfaces = [
  witInterface('wasi:cli/environment', {
    functions: {
      'get-environment': func({}, list(tuple(string, string))),
      'get-arguments': func({}, list(string)),
      'initial-cwd': func({}, option(string)),
    },
  }),
  witInterface('wasi:cli/exit', {
    functions: {
      exit: func({ status: result() }, undefined, { blocking: 'always' }),
      'exit-with-code': func({ 'status-code': u8 }, undefined, { blocking: 'always' }),
    },
  }),
  witInterface('wasi:cli/stdin', { functions: { 'get-stdin': func({}, own('input-stream')) } }),
  witInterface('wasi:cli/stdout', { functions: { 'get-stdout': func({}, own('output-stream')) } }),
  witInterface('wasi:cli/stderr', { functions: { 'get-stderr': func({}, own('output-stream')) } }),
  witInterface('wasi:cli/terminal-input', { resources: { 'terminal-input': {} } }),
  witInterface('wasi:cli/terminal-output', { resources: { 'terminal-output': {} } }),
  witInterface('wasi:cli/terminal-stdin', {
    functions: { 'get-terminal-stdin': func({}, option(own('terminal-input'))) },
  }),
  witInterface('wasi:cli/terminal-stdout', {
    functions: { 'get-terminal-stdout': func({}, option(own('terminal-output'))) },
  }),
  witInterface('wasi:cli/terminal-stderr', {
    functions: { 'get-terminal-stderr': func({}, option(own('terminal-output'))) },
  }),
];
