/** How the masked form of a secret begins (secrets/traits.ts), which tells what the secret looked like. */
export const maskedStart = 'drone-audit-masked+';
