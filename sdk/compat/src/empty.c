typedef int backtab_nothing;
