/** The disk layer as a module for a test's page, without programs or workers. */
export * from '../../../shim/src/disk/index.ts';
