import manifest from '../package.json' with { type: 'json' };

/** Version of this tool, from package.json. */
export const version: string = manifest.version;

declare const builtFrom: string | undefined;

/** A digest of what this tool was built from: of one version there may be several builds. */
export const build: string = typeof builtFrom === 'string' ? builtFrom : 'not built';

/** Where the project is found, from package.json: the only address of ours that anything may link to. Empty while it has none. */
export const homepage: string = (manifest as { readonly homepage?: string }).homepage ?? '';
