/** Set by the build (cli/build.mjs); absent when the sources run as they are, in tests. */
declare const BACKTAB_VERSION: string;
declare const BACKTAB_ADAPTER: string;

/** The version of the package. */
export const version = typeof BACKTAB_VERSION === 'undefined' ? 'source' : BACKTAB_VERSION;

/** Differs between builds that adapt programs differently: part of the key of what is cached. */
export const adapterVersion = typeof BACKTAB_ADAPTER === 'undefined' ? 'source' : BACKTAB_ADAPTER;
