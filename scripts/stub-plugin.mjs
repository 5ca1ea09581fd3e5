import { readFileSync } from 'node:fs';

const re = process.env.STUB ? new RegExp(process.env.STUB) : /$^/;
export const stub = {
  name: 'stub',
  setup(b) {
    b.onLoad({ filter: /\.(ts|js)$/ }, ({ path }) => {
      if (!re.test(path)) return;
      const t = readFileSync(path, 'utf8');
      const names = [...t.matchAll(/^export (?:default )?(?:async )?(?:function\*?|const|class|let) (\w+)/gm)].map(
        (m) => m[1],
      );
      const re2 = [...t.matchAll(/^export \{([^}]*)\}/gm)].flatMap((m) =>
        m[1]
          .split(',')
          .map((s) =>
            s
              .trim()
              .split(/\s+as\s+/)
              .pop(),
          )
          .filter((s) => s && !s.startsWith('type ') && s !== 'default'),
      );
      const def = /^export default|export \{[^}]*as default/m.test(t);
      return {
        contents:
          [...new Set([...names, ...re2])].map((n) => `export const ${n} = function(){ return []; };`).join('\n') +
          (def ? '\nexport default function(){}' : ''),
        loader: 'js',
      };
    });
  },
};
