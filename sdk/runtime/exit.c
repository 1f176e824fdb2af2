// Exit statuses. wasi-libc ends a program through wasi:cli/exit's exit(result), which knows only
// success and failure. Defining _Exit here, ahead of libc.a, gives programs all 256 statuses.
#include <stdlib.h>
#include <unistd.h>

__attribute__((import_module("wasi:cli/exit@0.2.6"), import_name("exit-with-code"))) void
backtab_exit_with_code(unsigned char status);

_Noreturn void _Exit(int status) {
  backtab_exit_with_code((unsigned char)status);
  __builtin_unreachable();
}

_Noreturn void _exit(int status) { _Exit(status); }
