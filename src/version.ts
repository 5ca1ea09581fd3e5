import manifest from '../package.json' with { type: 'json' };

/** Version of this tool, from package.json. */
export const version: string = manifest.version;

/** Where the project is found, from package.json: the only address of ours that anything may link to. Empty while it has none. */
export const homepage: string = (manifest as { readonly homepage?: string }).homepage ?? '';
