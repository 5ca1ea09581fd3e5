import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Modules of Node that only some runs need (the network, packed objects of git) are loaded when one of their members is first
 * used: with the code that imports them, they take a tenth of the time of a small scan.
 */
export const lateBuiltins = {
  name: 'late-builtins',
  setup(builder) {
    builder.onResolve(
      { filter: /^node:(?:child_process|crypto|dgram|http|https|net|tls|tty|v8|zlib)$/ },
      ({ path, namespace }) => (namespace === 'late' ? undefined : { path, namespace: 'late' }),
    );
    builder.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      const getters = Object.keys(require(path)).map(
        (name) => `get ${JSON.stringify(name)}() { return all()[${JSON.stringify(name)}]; }`,
      );
      return {
        contents: `let kept;\nconst all = () => (kept ??= require(${JSON.stringify(path)}));\nmodule.exports = { ${getters.join(', ')} };`,
      };
    });
  },
};

/** Whether there is colour is said by the command line; to find out would load all that sockets need. */
export const withoutColorDetection = {
  name: 'without-color-detection',
  setup: (builder) => {
    builder.onResolve({ filter: /^#supports-color$/ }, ({ path }) => ({ path, namespace: 'none' }));
    builder.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
      contents: 'export default { stdout: false, stderr: false };',
    }));
  },
};
