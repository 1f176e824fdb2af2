import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The layers of the shim and what each may import: node → wasi → abi, disk, net. */
const layers = {
  abi: ['wasi', 'disk', 'net', 'node'],
  disk: ['abi', 'wasi', 'net', 'node'],
  net: ['abi', 'wasi', 'disk', 'node'],
  wasi: ['node'],
};

export default tseslint.config(
  { ignores: ['build/', '.toolchain/', 'shim/src/generated/', 'node_modules/', 'shim/dist/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Neither is an Error on purpose: capturing a stack costs more than the calls they end.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'file', name: ['Trap', 'WitError'] }] },
      ],
      // node:test's test() and suite() return promises that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'suite', 'describe', 'it'] },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', TextDecoder: 'readonly' },
    },
  },
  ...Object.entries(layers).map(([layer, forbidden]) => ({
    files: [`shim/src/${layer}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: forbidden.map((name) => ({
            group: [`**/${name}/*`, `**/${name}/**`],
            message: `${layer}/ must not import ${name}/ (see docs/architecture.md).`,
          })),
        },
      ],
    },
  })),
);
