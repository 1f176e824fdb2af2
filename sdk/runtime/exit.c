// Exit statuses. wasi-libc ends a program through wasi:cli/exit's exit(result), which knows only
// success and failure. Defining _Exit here, ahead of libc.a, gives programs all 256 statuses.
#include <stdlib.h>

__attribute__((import_module("wasi:cli/exit@0.2.6"), import_name("exit-with-code"))) void
backtab_exit_with_code(unsigned char status);

_Noreturn void _Exit(int status) {
  backtab_exit_with_code((unsigned char)status);
  __builtin_unreachable();
}

_Noreturn void _exit(int status) { _Exit(status); }

// crt1 turns a non-zero status of main into a plain failure, so main's status is handed to exit()
// before crt1 sees it (the driver links with --wrap=__main_void).
int __real___main_void(void);
int __wrap___main_void(void) { exit(__real___main_void()); }
