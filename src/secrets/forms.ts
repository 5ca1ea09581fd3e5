import type { SecretVocabulary } from './in-pipelines.ts';

/*
 * How credentials look that people write into pipelines. Forms are those that the vendors document for secret scanning;
 * names are those of variables and settings in common use.
 */

/** What the rules take for a credential that is written out. */
export const writtenSecrets: SecretVocabulary = {
  forms: [
    {
      as: 'a token of GitHub',
      mark: 'gh[pousr]_|github_pat_',
      pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{30,255})\b/g,
      opens: 'scm',
    },
    {
      as: 'a token of GitLab',
      mark: 'gl[a-z]{2,3}-',
      pattern: /\bgl(?:pat|ptt|dt|rt|oas|cbt|ft)-[\w-]{16,255}/g,
      opens: 'scm',
    },
    { as: 'an app password of Bitbucket', mark: 'ATBB', pattern: /\bATBB[A-Za-z0-9_=.-]{20,200}/g, opens: 'scm' },
    { as: 'an access key of AWS', mark: 'A[KS]IA', pattern: /\bA[KS]IA[A-Z0-9]{16}\b/g, opens: 'cloud' },
    { as: 'an API key of Google', mark: 'AIza', pattern: /\bAIza[\w-]{35}\b/g, opens: 'cloud' },
    {
      as: 'a token of DigitalOcean',
      mark: 'do[oprt]_v1_',
      pattern: /\bdo[oprt]_v1_[0-9a-f]{40,100}\b/g,
      opens: 'cloud',
    },
    {
      as: 'a storage key of Azure',
      mark: 'AccountKey',
      pattern: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{80,90}={0,2})/g,
      opens: 'cloud',
    },
    {
      // The claims of the tokens that never expire begin with this issuer, in base64.
      as: 'a token of a Kubernetes service account',
      mark: 'eyJpc3MiOiJrdWJlcm5ldGVz',
      pattern: /\beyJ[\w-]{10,300}\.eyJpc3MiOiJrdWJlcm5ldGVz[\w-]{50,2000}\.[\w-]{40,1000}/g,
      opens: 'cloud',
    },
    { as: 'a token of Vault', mark: 'hv[sb]\\.', pattern: /\bhv[sb]\.[\w-]{20,255}/g, opens: 'cloud' },
    { as: 'a token of Slack', mark: 'xox', pattern: /\bxox[abeoprs]-[\w-]{10,255}/g, opens: 'other' },
    {
      as: 'a webhook of Slack',
      mark: 'hooks\\.slack',
      pattern: /\bhooks\.slack\.com\/services\/(?<secret>T\w{5,20}\/B\w{5,20}\/\w{16,40})/g,
      opens: 'other',
    },
    {
      as: 'a webhook of Discord',
      mark: 'discord',
      pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/[0-9]{10,25}\/(?<secret>[\w-]{50,100})/g,
      opens: 'other',
    },
    { as: 'a live key of Stripe', mark: 'k_live_', pattern: /\b[sr]k_live_\w{16,255}/g, opens: 'other' },
    { as: 'a token of npm', mark: 'npm_', pattern: /\bnpm_[A-Za-z0-9]{30,100}\b/g, opens: 'other' },
    { as: 'a token of PyPI', mark: 'pypi-A', pattern: /\bpypi-AgE[\w-]{50,300}/g, opens: 'other' },
    { as: 'a token of Docker Hub', mark: 'dckr_', pattern: /\bdckr_[po]at_[\w-]{20,100}/g, opens: 'other' },
    { as: 'an API key of SendGrid', mark: 'SG\\.', pattern: /\bSG\.[\w-]{16,32}\.[\w-]{30,64}/g, opens: 'other' },
    { as: 'an app token of Slack', mark: 'xapp-', pattern: /\bxapp-[0-9]-[\w-]{20,255}/g, opens: 'other' },
    {
      as: 'an API key of Anthropic',
      mark: 'sk-ant-',
      pattern: /\bsk-ant-(?:api|admin)[0-9]{2}-[\w-]{80,255}/g,
      opens: 'other',
    },
    {
      as: 'an API key of OpenAI',
      mark: 'sk-',
      pattern: /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{40,255}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}\b)/g,
      opens: 'other',
    },
    { as: 'a token of Hugging Face', mark: 'hf_', pattern: /\bhf_[A-Za-z0-9]{34,100}\b/g, opens: 'other' },
    { as: 'a token of Shopify', mark: 'shp[acps]', pattern: /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g, opens: 'other' },
    { as: 'an API key of Mailchimp', mark: '-us[0-9]', pattern: /\b[0-9a-f]{32}-us[0-9]{1,2}\b/g, opens: 'other' },
    { as: 'a token of Databricks', mark: 'dapi', pattern: /\bdapi[0-9a-f]{32}\b/g, opens: 'cloud' },
    { as: 'a token of Pulumi', mark: 'pul-', pattern: /\bpul-[0-9a-f]{40}\b/g, opens: 'cloud' },
    {
      as: 'a token of Terraform Cloud',
      mark: 'atlasv1',
      pattern: /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,255}/g,
      opens: 'cloud',
    },
    { as: 'a token of Fly', mark: 'fo1_', pattern: /\bfo1_[\w-]{40,255}/g, opens: 'cloud' },
    { as: 'a token of Netlify', mark: 'nfp_', pattern: /\bnfp_[A-Za-z0-9]{36,100}\b/g, opens: 'cloud' },
    {
      as: 'a token of Doppler',
      mark: 'dp\\.',
      pattern: /\bdp\.(?:ct|sa|st|scim|audit)\.[\w.-]{40,255}/g,
      opens: 'other',
    },
    { as: 'a token of Atlassian', mark: 'ATATT3', pattern: /\bATATT3[\w-]{50,400}/g, opens: 'scm' },
    { as: 'a token of Grafana', mark: 'gl(?:sa|c)_', pattern: /\bgl(?:sa|c)_[\w=]{32,400}/g, opens: 'other' },
    { as: 'a key of New Relic', mark: 'NRAK-', pattern: /\bNRAK-[A-Za-z0-9]{27}\b/g, opens: 'other' },
    { as: 'a token of Sentry', mark: 'sntry', pattern: /\bsntry[su]_[\w+/=-]{40,400}/g, opens: 'other' },
    {
      as: 'a key of Tailscale',
      mark: 'tskey-',
      pattern: /\btskey-(?:auth|api|client|webhook)-[\w-]{20,255}/g,
      opens: 'other',
    },
    { as: 'a key of Postman', mark: 'PMAK-', pattern: /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b/g, opens: 'other' },
    { as: 'a key of Linear', mark: 'lin_api_', pattern: /\blin_api_[A-Za-z0-9]{40}\b/g, opens: 'other' },
    { as: 'a token of Figma', mark: 'figd_', pattern: /\bfigd_[\w-]{40,255}/g, opens: 'other' },
    { as: 'a token of Notion', mark: 'ntn_', pattern: /\bntn_[A-Za-z0-9]{40,100}\b/g, opens: 'other' },
    { as: 'a token of RubyGems', mark: 'rubygems_', pattern: /\brubygems_[0-9a-f]{48}\b/g, opens: 'other' },
    { as: 'a secret key of age', mark: 'AGE-SECRET', pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g, opens: 'other' },
    {
      as: 'a token of Telegram',
      mark: ':AA',
      pattern: /(?<![\w:])[0-9]{8,10}:AA[\w-]{33}(?![\w-])/g,
      opens: 'other',
    },
    {
      as: 'a private key',
      mark: 'PRIVATE KEY',
      pattern: /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?<secret>[^$-][^-]{16,10000})/g,
      opens: 'other',
    },
    {
      as: 'a registry login',
      mark: '"auth"',
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
    { mark: '--', pattern: /--(?<name>[a-z][a-z-]{0,40})[= ]["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g },
    // `TOKEN=value`, also after -e, --build-arg and export
    { mark: '=', pattern: /(?<![\w$.-])(?<name>[A-Za-z_]\w{0,80})=["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g },
    // `docker login -p value`, `sshpass -p value`
    {
      mark: 'login',
      pattern:
        /(?<=\b(?:docker|podman|buildah|helm|skopeo|crane|az|cf)\s(?:[^\n;|&]{0,300}\s)?)login\s(?:[^\n;|&]{0,300}\s)?-p[ =]?["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g,
    },
    { mark: 'sshpass', pattern: /\bsshpass\s+-p\s?["']?(?<secret>[^\s"'`;|&<>()]{1,500})/g },
    // `curl -u user:password`
    {
      mark: '-u',
      pattern:
        /\b(?:curl|http)\s(?:[^\n;|&]{0,300}\s)?(?:-u|--user)[ =]?["']?[^\s:"'`$]{1,100}:(?<secret>[^\s"'`;|&<>()]{1,500})/g,
    },
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
