/**
 * The page of a rule for people, below the homepage of the project. That is the only address of ours that a report may hold:
 * one that is not ours could be registered by anybody.
 */
export function rulePageUrl(homepage: string, family: string, id: string): string {
  const { origin, pathname, hostname } = new URL(homepage);
  const folder = `${origin}${pathname.endsWith('/') ? pathname.slice(0, -1) : pathname}`;
  return `${hostname === 'github.com' ? `${folder}/blob/HEAD` : folder}/docs/rules/${family}/${id}.md`;
}
