import type { SecretVocabulary } from '../model/literal-secrets.ts';

/*
 * How credentials look that people write into pipelines. Forms are those that the vendors document for secret scanning;
 * names are those of variables and settings in common use.
 */

/** What the rules take for a credential that is written out. */
export const writtenSecrets: SecretVocabulary = {
  forms: [
    { as: 'a token of GitHub', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{30,255})\b/g, opens: 'scm' },
    { as: 'a token of GitLab', pattern: /\bgl(?:pat|ptt|dt|rt|oas|cbt|ft)-[\w-]{16,255}/g, opens: 'scm' },
    { as: 'an app password of Bitbucket', pattern: /\bATBB[A-Za-z0-9_=.-]{20,200}/g, opens: 'scm' },
    { as: 'an access key of AWS', pattern: /\bA[KS]IA[A-Z0-9]{16}\b/g, opens: 'cloud' },
    { as: 'an API key of Google', pattern: /\bAIza[\w-]{35}\b/g, opens: 'cloud' },
    { as: 'a token of DigitalOcean', pattern: /\bdo[oprt]_v1_[0-9a-f]{40,100}\b/g, opens: 'cloud' },
    { as: 'a storage key of Azure', pattern: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{80,90}={0,2})/g, opens: 'cloud' },
    { as: 'a token of Vault', pattern: /\bhv[sb]\.[\w-]{20,255}/g, opens: 'cloud' },
    { as: 'a token of Slack', pattern: /\bxox[abeoprs]-[\w-]{10,255}/g, opens: 'other' },
    {
      as: 'a webhook of Slack',
      pattern: /\bhooks\.slack\.com\/services\/(?<secret>T\w{5,20}\/B\w{5,20}\/\w{16,40})/g,
      opens: 'other',
    },
    {
      as: 'a webhook of Discord',
      pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/[0-9]{10,25}\/(?<secret>[\w-]{50,100})/g,
      opens: 'other',
    },
    { as: 'a live key of Stripe', pattern: /\b[sr]k_live_\w{16,255}/g, opens: 'other' },
    { as: 'a token of npm', pattern: /\bnpm_[A-Za-z0-9]{30,100}\b/g, opens: 'other' },
    { as: 'a token of PyPI', pattern: /\bpypi-AgE[\w-]{50,300}/g, opens: 'other' },
    { as: 'a token of Docker Hub', pattern: /\bdckr_[po]at_[\w-]{20,100}/g, opens: 'other' },
    { as: 'an API key of SendGrid', pattern: /\bSG\.[\w-]{16,32}\.[\w-]{30,64}/g, opens: 'other' },
    {
      as: 'a token of Telegram',
      pattern: /(?<![\w:])[0-9]{8,10}:AA[\w-]{33}(?![\w-])/g,
      opens: 'other',
    },
    {
      as: 'a private key',
      pattern: /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?<secret>[^$-][^-]{16,10000})/g,
      opens: 'other',
    },
    {
      as: 'a registry login',
      pattern: /"auth"\s{0,8}:\s{0,8}"(?<secret>[A-Za-z0-9+/]{12,500}={0,2})"/g,
      opens: 'other',
    },
  ],
  names:
    /(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|auth[_-]?key|signing[_-]?key|encryption[_-]?key|ssh[_-]?key|deploy[_-]?key|credentials?|auth[_-]?token|pat)$|(?:password|passwd|passphrase|apikey|accesskey|secretkey|accesstoken|authtoken|apitoken)$/i,
  // References and templates, secrets of BuildKit by their id, switches, paths, addresses without a password, files.
  noSecret:
    /^(?:\s*|["']?[$<{@%].*|.*(?:\$\{|\$\(|\{\{).*|id=.*|true|false|yes|no|on|off|null|none|~|[0-9]{1,5}|\.{0,2}\/.*|~\/.*|[a-z][a-z0-9+.-]{0,20}:\/\/[^@]*|[\w./-]{1,200}\.(?:pem|key|json|ya?ml|txt|asc|gpg|pub|crt|p12|pfx|jks|env|enc|pass))$/is,
  options: [
    // `--password value`, `--api-key=value`
    /--(?<name>[a-z][a-z-]{0,40})[= ]["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g,
    // `TOKEN=value`, also after -e, --build-arg and export
    /(?<![\w$.-])(?<name>[A-Za-z_]\w{0,80})=["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g,
    // `docker login -p value`, `sshpass -p value`
    /\b(?:docker|podman|buildah|helm|skopeo|crane|az|cf)\s(?:[^\n;|&]{0,300}\s)?login\s(?:[^\n;|&]{0,300}\s)?-p[ =]?["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g,
    /\bsshpass\s+-p\s?["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g,
    // `curl -u user:password`
    /\b(?:curl|http)\s(?:[^\n;|&]{0,300}\s)?(?:-u|--user)[ =]?["']?[^\s:"'`$]{1,100}:(?<secret>[^\s"'`;|&<>()]{1,500})/g,
  ],
};

/** A value with fewer characters is no key that a machine made. */
export const leastLength = 16;
/** Bits of entropy per character from which on a value looks made by chance. */
export const leastEntropy = 3.5;

/** A part of a name or sentence. What a machine makes has digits among its letters, or capitals within words. */
export const wordPart = /^(?:(?:[a-z]{1,24}|[A-Z]{1,24}|[A-Z][a-z]{1,24})[0-9]{0,4}|[0-9]{0,8})$/;

/** Texts that say themselves that they are no credential. */
export const madeUp = /^your|example|sample|dummy|fake|placeholder|redacted|censored|x{5,}|\*{3,}|0{8,}|123456|abcdef/i;

/** Values that name a secret without being one: a path in a store, the fingerprint or id of an OpenPGP key. */
export const namesOnly = /^(?:[a-z0-9._-]{1,100}(?:\/[a-z0-9._-]{1,100})+|(?:0x)?[0-9A-F]{16}(?:[0-9A-F]{24})?)$/;
