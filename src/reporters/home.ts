/** Where the project is found; reports link to it. */
export const projectUrl = 'https://github.com/drone-audit/drone-audit';

/** The page of a rule for people. */
export function rulePageUrl(family: string, id: string): string {
  return `${projectUrl}/blob/main/docs/rules/${family}/${id}.md`;
}
