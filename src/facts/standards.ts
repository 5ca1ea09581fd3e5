/** Names of the standards, as --controls takes them. */
export const standardNames = ['owasp', 'cis-docker', 'cis-supply-chain', 'ssdf', 'slsa', 'iso27001', 'soc2'] as const;

export type StandardName = (typeof standardNames)[number];

/** What --controls takes: a name, or `all` for each of them. */
export const standardChoices = [...standardNames, 'all'] as const;

/** Those that a report has without --controls: the others are management standards, or about more than Drone. */
export const usualStandards: readonly StandardName[] = ['owasp', 'cis-docker'];
