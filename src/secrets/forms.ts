/*
 * What credentials look like: the one table of their forms, and how strictly each is taken. Forms are those that the
 * vendors document for secret scanning; names are those of variables and settings in common use.
 */

/** A form by which a credential is known wherever it stands. Patterns are global; their group `secret`, else the whole, is it. */
export interface CredentialForm {
  /** For messages: `a token of GitHub`. */
  readonly as: string;
  /** Source of a pattern for what it has in it at least: most texts have no mark of any form. */
  readonly mark: string;
  /** What rules speak of. Absent for what may be public as well: it is only masked. */
  readonly judge?: RegExp;
  /** What is masked, where that is more than what rules speak of: cut short, or looser. */
  readonly mask?: RegExp;
  /** What it opens; Drone itself counts as SCM. */
  readonly opens: 'cloud' | 'scm' | 'other';
}

export const credentialForms: readonly CredentialForm[] = [
  {
    as: 'a token of GitHub',
    mark: 'gh[pousr]_|github_pat_',
    judge: /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{30,255})\b/g,
    mask: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
    opens: 'scm',
  },
  {
    as: 'a token of GitLab',
    mark: 'gl[a-z]{2,3}-',
    judge: /\bgl(?:pat|ptt|dt|rt|oas|cbt|ft)-[\w-]{16,255}/g,
    mask: /\bgl(?:pat|ptt|dt|rt|oas|cbt|ft)-[\w-]{16,}/g,
    opens: 'scm',
  },
  { as: 'an app password of Bitbucket', mark: 'ATBB', judge: /\bATBB[A-Za-z0-9_=.-]{20,200}/g, opens: 'scm' },
  {
    as: 'an access key of AWS',
    mark: 'A[KS]IA',
    judge: /\bA[KS]IA[A-Z0-9]{16}\b/g,
    mask: /\bA[KS]IA[A-Z0-9]{16}/g,
    opens: 'cloud',
  },
  {
    as: 'an API key of Google',
    mark: 'AIza',
    judge: /\bAIza[\w-]{35}\b/g,
    mask: /\bAIza[A-Za-z0-9_-]{30,}/g,
    opens: 'cloud',
  },
  {
    as: 'a token of DigitalOcean',
    mark: 'do[oprt]_v1_',
    judge: /\bdo[oprt]_v1_[0-9a-f]{40,100}\b/g,
    opens: 'cloud',
  },
  {
    as: 'a storage key of Azure',
    mark: 'AccountKey',
    judge: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{80,90}={0,2})/g,
    mask: /\bAccountKey=(?<secret>[A-Za-z0-9+/]{10,}={0,2})/g,
    opens: 'cloud',
  },
  {
    // The claims of the tokens that never expire begin with this issuer, in base64.
    as: 'a token of a Kubernetes service account',
    mark: 'eyJpc3MiOiJrdWJlcm5ldGVz',
    judge: /\beyJ[\w-]{10,300}\.eyJpc3MiOiJrdWJlcm5ldGVz[\w-]{50,2000}\.[\w-]{40,1000}/g,
    opens: 'cloud',
  },
  { as: 'a token of Vault', mark: 'hv[sb]\\.', judge: /\bhv[sb]\.[\w-]{20,255}/g, opens: 'cloud' },
  { as: 'a token of Slack', mark: 'xox', judge: /\bxox[abeoprs]-[\w-]{10,255}/g, opens: 'other' },
  {
    as: 'a webhook of Slack',
    mark: 'hooks\\.slack',
    judge: /\bhooks\.slack\.com\/services\/(?<secret>T\w{5,20}\/B\w{5,20}\/\w{16,40})/g,
    mask: /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9/_-]{10,})/g,
    opens: 'other',
  },
  {
    as: 'a webhook of Discord',
    mark: 'discord',
    judge: /\bdiscord(?:app)?\.com\/api\/webhooks\/[0-9]{10,25}\/(?<secret>[\w-]{50,100})/g,
    mask: /\bdiscord(?:app)?\.com\/api\/webhooks\/[0-9]+\/(?<secret>[A-Za-z0-9_-]{10,})/g,
    opens: 'other',
  },
  {
    as: 'a webhook of Teams',
    mark: 'office\\.com',
    judge:
      /\.office\.com\/webhook(?:b2)?\/(?<secret>[0-9a-f-]{36}@[0-9a-f-]{36}\/IncomingWebhook\/[0-9a-f]{32}\/[0-9a-f-]{36}(?:\/[\w-]{1,100})?)/g,
    mask: /\.office\.com\/webhook(?:b2)?\/(?<secret>[A-Za-z0-9@/_-]{10,})/g,
    opens: 'other',
  },
  { as: 'a live key of Stripe', mark: 'k_live_', judge: /\b[sr]k_live_\w{16,255}/g, opens: 'other' },
  { as: 'a token of npm', mark: 'npm_', judge: /\bnpm_[A-Za-z0-9]{30,100}\b/g, opens: 'other' },
  { as: 'a token of PyPI', mark: 'pypi-A', judge: /\bpypi-AgE[\w-]{50,300}/g, opens: 'other' },
  { as: 'a token of Docker Hub', mark: 'dckr_', judge: /\bdckr_[po]at_[\w-]{20,100}/g, opens: 'other' },
  { as: 'an API key of SendGrid', mark: 'SG\\.', judge: /\bSG\.[\w-]{16,32}\.[\w-]{30,64}/g, opens: 'other' },
  { as: 'an app token of Slack', mark: 'xapp-', judge: /\bxapp-[0-9]-[\w-]{20,255}/g, opens: 'other' },
  {
    as: 'an API key of Anthropic',
    mark: 'sk-ant-',
    judge: /\bsk-ant-(?:api|admin)[0-9]{2}-[\w-]{80,255}/g,
    mask: /\bsk-ant-[\w-]{10,}/g,
    opens: 'other',
  },
  {
    as: 'an API key of OpenAI',
    mark: 'sk-',
    judge: /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{40,255}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}\b)/g,
    opens: 'other',
  },
  { as: 'a token of Hugging Face', mark: 'hf_', judge: /\bhf_[A-Za-z0-9]{34,100}\b/g, opens: 'other' },
  { as: 'a token of Shopify', mark: 'shp[acps]', judge: /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g, opens: 'other' },
  { as: 'an API key of Mailchimp', mark: '-us[0-9]', judge: /\b[0-9a-f]{32}-us[0-9]{1,2}\b/g, opens: 'other' },
  { as: 'a token of Databricks', mark: 'dapi', judge: /\bdapi[0-9a-f]{32}\b/g, opens: 'cloud' },
  { as: 'a token of Pulumi', mark: 'pul-', judge: /\bpul-[0-9a-f]{40}\b/g, opens: 'cloud' },
  {
    as: 'a token of Terraform Cloud',
    mark: 'atlasv1',
    judge: /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,255}/g,
    mask: /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{10,}/g,
    opens: 'cloud',
  },
  { as: 'a token of Fly', mark: 'fo1_', judge: /\bfo1_[\w-]{40,255}/g, opens: 'cloud' },
  { as: 'a token of Netlify', mark: 'nfp_', judge: /\bnfp_[A-Za-z0-9]{36,100}\b/g, opens: 'cloud' },
  {
    as: 'a token of Doppler',
    mark: 'dp\\.',
    judge: /\bdp\.(?:ct|sa|st|scim|audit)\.[\w.-]{40,255}/g,
    opens: 'other',
  },
  { as: 'a token of Atlassian', mark: 'ATATT3', judge: /\bATATT3[\w-]{50,400}/g, opens: 'scm' },
  { as: 'a token of Grafana', mark: 'gl(?:sa|c)_', judge: /\bgl(?:sa|c)_[\w=]{32,400}/g, opens: 'other' },
  { as: 'a key of New Relic', mark: 'NRAK-', judge: /\bNRAK-[A-Za-z0-9]{27}\b/g, opens: 'other' },
  { as: 'a token of Sentry', mark: 'sntry', judge: /\bsntry[su]_[\w+/=-]{40,400}/g, opens: 'other' },
  {
    as: 'a key of Tailscale',
    mark: 'tskey-',
    judge: /\btskey-(?:auth|api|client|webhook)-[\w-]{20,255}/g,
    opens: 'other',
  },
  { as: 'a key of Postman', mark: 'PMAK-', judge: /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b/g, opens: 'other' },
  { as: 'a key of Linear', mark: 'lin_api_', judge: /\blin_api_[A-Za-z0-9]{40}\b/g, opens: 'other' },
  { as: 'a token of Figma', mark: 'figd_', judge: /\bfigd_[\w-]{40,255}/g, opens: 'other' },
  { as: 'a token of Notion', mark: 'ntn_', judge: /\bntn_[A-Za-z0-9]{40,100}\b/g, opens: 'other' },
  { as: 'a token of RubyGems', mark: 'rubygems_', judge: /\brubygems_[0-9a-f]{48}\b/g, opens: 'other' },
  { as: 'a secret key of age', mark: 'AGE-SECRET', judge: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g, opens: 'other' },
  {
    as: 'a token of Telegram',
    mark: ':AA',
    // In the address of the service it stands behind `bot`.
    judge: /(?:(?<![\w:])|(?<=\bbot))[0-9]{8,10}:AA[\w-]{33}(?![\w-])/g,
    mask: /(?:(?<![\w:])|(?<=\bbot))[0-9]{8,10}:AA[\w-]{30,}/g,
    opens: 'other',
  },
  {
    as: 'a private key',
    mark: 'PRIVATE KEY',
    judge:
      /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?<secret>[^$-][^-]{16,10000}|(?:\\n|\s){1,20}drone-audit-masked\+[a-z0-9=.+]{1,200})/g,
    opens: 'other',
  },
  {
    // `-----BEGIN ` in base64, and not a certificate, a public key or a list of revoked ones behind it.
    as: 'a private key in base64',
    mark: 'LS0tLS1CRUdJTiB',
    mask: /LS0tLS1CRUdJTiB(?!DRVJU|QVUJM|UUlVTVEV|YNTA5|TU0gyIFB|DTV)[A-Za-z0-9+/]{20,}={0,2}/g,
    opens: 'other',
  },
  {
    as: 'a registry login',
    mark: '"auth',
    judge: /"auth"\s{0,8}:\s{0,8}"(?<secret>[A-Za-z0-9+/]{12,500}={0,2})"/g,
    mask: /\\?"auth\\?"\s{0,8}:\s{0,8}\\?"(?<secret>[^"\\\s]{4,})/g,
    opens: 'other',
  },
  {
    as: 'a signed token',
    mark: 'eyJ',
    mask: /\beyJ[\w-]{8,}\.(?:eyJ[\w-]{4,}(?:\.[\w-]*)?|[\w-]{8,}\.[\w-]{8,})/g,
    opens: 'other',
  },
  {
    // The signature alone makes the address a credential (S3, Google Cloud Storage, Azure's shared access).
    as: 'a signed address',
    mark: '[Ss]ig',
    mask: /[?&;](?:X-(?:Amz|Goog)-Signature|Signature|sig)=(?<secret>[^\s&"'<>\\]{8,})/gi,
    opens: 'cloud',
  },
  {
    as: 'a password hash',
    mark: '\\$(?:apr1|2[abxy]|[156y]|argon2)',
    mask: /\${1,2}(?:apr1|2[abxy]|[156y]|argon2(?:id|i|d))\${1,2}(?<secret>[^\s"',:;\\]{6,})/g,
    opens: 'other',
  },
  {
    // What begins with `$2a$`, `$2b$` and `$2y$`, as Caddy takes it.
    as: 'a password hash in base64',
    mark: 'JDJ',
    mask: /\bJDJ[hbi5]JD[A-Za-z0-9+/]{20,200}={0,2}/g,
    opens: 'other',
  },
  {
    // The notification services of shoutrrr (Watchtower): their addresses are tokens.
    as: 'an address of a notification service',
    mark: '(?:bark|discord|googlechat|gotify|ifttt|join|matrix|mattermost|opsgenie|pushbullet|pushover|rocketchat|slack|teams|telegram|zulip)://',
    mask: /\b(?:bark|discord|googlechat|gotify|ifttt|join|matrix|mattermost|opsgenie|pushbullet|pushover|rocketchat|slack|teams|telegram|zulip):\/\/(?<secret>[^\s"'<>@\\]+)/g,
    opens: 'other',
  },
  {
    // In comments, reasons and other prose, where it looks made by a machine: `the token is value`.
    as: 'a credential in prose',
    mark: '(?:oken|ecret|[Pp]ass|[Pp]wd?)\\w{0,6}\\s',
    mask: /\b(?:[Tt]oken|[Ss]ecret|[Pp]ass(?:word|wd|phrase)?|[Pp]wd?)\s{1,4}(?:(?:is|was)\s{1,4})?["'`]?(?<secret>(?=[^\s\d]{0,100}\d)(?:[0-9a-f]{32,200}\b|(?=[^\sA-Z]{0,100}[A-Z])(?=[^\sa-z]{0,100}[a-z])[\w+=.-]{16,200}))/g,
    opens: 'other',
  },
];

/** Names of variables, settings and keys whose values are credentials, as rules take them. */
export const credentialName =
  /(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|auth[_-]?key|signing[_-]?key|encryption[_-]?key|ssh[_-]?key|deploy[_-]?key|credentials?|auth[_-]?token|pat)$|(?:password|passwd|passphrase|apikey|accesskey|secretkey|accesstoken|authtoken|apitoken)$/i;

/** An option, assignment or command that gives a credential: group `secret` is the value, `name` what it is called. */
export interface CredentialOption {
  /** What the text has in it at least. */
  readonly mark: string;
  readonly pattern: RegExp;
  /**
   * It is one only where it looks made by a machine, is no ordinary word, or is one that is no group of the `user` before
   * it: there, others stand as well.
   */
  readonly only?: 'generated' | 'not ordinary' | 'a login';
}

/** A word of a command: up to a blank, a quote or a sign of the shell. Within quotes of YAML, its own are doubled. */
export const word = String.raw`["']{0,2}(?<secret>[^\s"'\x60;|&<>()]{1,500})`;
/** The same behind a user name; its quotes may be its own. */
const password = String.raw`["']{0,2}(?<secret>[^\s"'\x60;|&<>()]{1,500})`;
/** A user name before the sign behind it: empty, a variable, in quotes of its own. */
const user = String.raw`["']{0,2}(?:\$\{[^{}\n]{0,100}\}|\$\([^()\n]{0,100}\)|\$(?![{(])|[^\s:,"'\x60$]){0,100}["']{0,2}`;
/** A user name that is the credential, with nothing behind it or only `x`: `-u key:`. */
const loneUser = String.raw`["']{0,2}(?<secret>[\w.~+/=-]{16,300})["']{0,2}:(?:x|X|api_token|x-oauth-basic)?["']{0,2}(?=\s|$)`;
/** The rest of a command before an option: words without the end of the command. */
const before = String.raw`\s(?:[^\n;|&]{0,300}\s)?`;
/** Where a command begins: not within a path, a name or the arguments of another. */
const atStart = String.raw`(?<=(?:^|[;&|(\x60"'\n,:[-]|\b(?:sudo|exec|then|do|run))\s{0,20})`;
/** `echo -n value`, `printf %s value`, also quoted. */
const said = String.raw`\b(?:echo|printf|Write-Output|Write-Host)\s+(?:-\w+\s+)*(?:["']?%s(?:\\n)?["']?\s+)?${word}["']?\s*`;
/** A pipe, and at most two programs before the last. */
const piped = String.raw`\|(?:[^|\n;&]{0,100}\|){0,2}[^|\n]{0,200}`;
/** A file whose name says that it holds a credential. */
const secretFile = String.raw`["']?(?:[^\s"'\x60;|&<>()]{0,200}[/._-])?(?:vault[_-]?pass(?:word)?|id_(?:rsa|dsa|ecdsa|ed25519)|master\.key|passw(?:or)?d|passphrase|token|secret|api[_-]?key|private[_-]?key|credentials?)(?:\.(?:txt|key|env|pem|conf|secret|pass))?(?![\w./-])`;

/** How commands say that what they are sent is a credential, by what they have in them at least. */
const readers: readonly (readonly [mark: string, reader: string])[] = [
  ['-stdin', '--(?:password|token|pass)-stdin'],
  ['--with-token', '--with-token'],
  ['--passphrase-fd', '--passphrase-fd'],
  ['--stdin', String.raw`\b(?:passwd|sudo)\s[^|\n]{0,60}--stdin`],
  ['passwd', String.raw`(?<=[|;&]\s{0,8}(?:sudo\s{1,4})?)passwd`],
  ['kinit', String.raw`\bkinit`],
  ['ssh-add', String.raw`\bssh-add\s+-`],
  ['vault', String.raw`\bvault\s+login\s+(?:-[\w-]+=\S{1,100}\s+){0,4}-`],
  ['gcloud', String.raw`\bgcloud\s+secrets\s[^|\n]{0,200}--data-file[= ]-`],
  ['secret', String.raw`\b(?:gh|wrangler|docker|podman|fly|flyctl)\s+secrets?\s+(?:set|put|create)`],
  ['sudo', String.raw`\bsudo\s+(?:-\w+\s+)*-\w*S`],
];

const endOfReader = String.raw`(?![\w-])`;

/** Whether a command takes a credential from what it is sent. */
export const readsCredential = new RegExp(readers.map(([, reader]) => reader + endOfReader).join('|'));

function option(mark: string, pattern: string): CredentialOption {
  return { mark, pattern: new RegExp(pattern, 'g') };
}

/** Where the name of a program begins, also behind its folder. */
const atName = String.raw`(?<![\w.-])`;

/** Options behind which programs take a credential, with or without a blank: `sshpass -p value`. */
const given: readonly (readonly [option: string, programs: string])[] = [
  ['-p', 'sshpass|twine|mongo(?:sh|dump|restore|export|import)?|rabbitmqadmin|cypher-shell|cqlsh|certutil(?:\\.exe)?'],
  ['-p', String.raw`(?:poetry|uv)\s+publish|useradd|usermod`],
  ['-p', String.raw`security\s+(?:unlock|create)-keychain|(?:dotnet\s+)?nuget\s+(?:add|update)\s+source`],
  ['-p', String.raw`conan\s+(?:user|remote\s+login)|oras\s+(?:push|pull|cp|copy|attach|discover)|ibmcloud\s+login`],
  ['-k', String.raw`security\s+set-key-partition-list`],
  ['-P', String.raw`security\s+import|mosquitto_(?:pub|sub|rr)`],
  ['-r', String.raw`gitlab-runner\s+(?:register|unregister)`],
  ['-t', String.raw`uv\s+publish|tea\s+logins?\s+add|ghr|codacy[\w-]{0,40}(?:\.\w{1,6})?|k6\s+(?:cloud\s+)?login`],
  ['-a', 'redis-cli|netlify'],
  ['--auth', 'netlify'],
  ['-w', 'ldap(?:search|modify|add|delete|passwd|whoami|compare|modrdn)'],
  ['-P', 'unzip|zip|sqlcmd|osql|bcp|isql|tsql|ipmitool|ssh-keygen'],
  ['-N', 'ssh-keygen'],
  ['-k', String.raw`(?:dotnet\s+)?nuget\s+(?:push|delete)|choco\s+(?:push|apikey|setapikey)`],
  ['-t', String.raw`doctl|vercel|glab\s+auth\s+login`],
];

/** Options and assignments of commands that give a credential. */
export const credentialOptions: readonly CredentialOption[] = [
  // `--password value`, `--api-key=value`; `pulumi config set --secret name value` names it
  {
    mark: '--',
    pattern:
      /(?<!\bconfig\s{1,4}set\s{1,4})--(?<name>[a-z][a-z-]{0,40})[= ]["']{0,2}(?<secret>[^\s"'`;|&<>()]{1,500})/g,
  },
  // `TOKEN=value`, also after -e, --build-arg and export
  {
    mark: '=',
    pattern: /(?<![\w$.-])(?<name>[A-Za-z_]\w{0,80})\+?=(?!=)["']{0,2}(?<secret>[^\s"'`;|&<>()]{1,500})/g,
  },
  // `[[ $TOKEN == value ]]`, `-Drepo.pwd=value`, `/TargetPassword:value`, `jq --arg token value`
  option('$', String.raw`\$\{?(?<name>[A-Za-z_]\w{0,80})\}?["']?\s{0,4}(?:==?(?!=)|!=)\s{0,4}${word}`),
  option('-D', String.raw`(?<=["'\s])-D(?:\w{1,60}\.){0,6}(?<name>[A-Za-z_]\w{0,60})=${word}`),
  option('/', String.raw`(?<=["'\s])\/(?<name>[A-Za-z]\w{0,60}):${word}`),
  option('--arg', String.raw`--arg\s+(?<name>[A-Za-z_]\w{0,60})\s+${word}`),
  // `printf 'TOKEN=%s\n' value`, `printf 'USER=%s TOKEN=%s' name value`
  ...[0, 1, 2, 3].map((given) =>
    option(
      '%s',
      String.raw`\bprintf\s+["'](?:[^"'%\n]{0,200}%s){${given}}(?:[^"'%\n]{0,200}[^"'%\w\n])?(?<name>[A-Za-z_]\w{0,60})(?:\s{0,4}[:=]\s{0,4}|\s{1,4})%s[^"'\n]{0,200}["']\s+(?:\S{1,200}\s+){${given}}${word}`,
    ),
  ),
  // `sed s/TOKEN/value/`
  option(
    'sed',
    String.raw`\bs(?<sign>[|/#@,])[^A-Za-z\n]{0,4}(?<name>[A-Za-z](?:\w{0,60}[A-Za-z])?)[^A-Za-z\n]{0,4}\k<sign>(?<secret>[^\s"'|/#@,]{1,300})`,
  ),
  // `docker login -p value`
  option(
    'login',
    String.raw`(?<=\b(?:docker|podman|nerdctl|finch|buildah|img|helm|skopeo|crane|cosign|oras|regctl|az|cf|oc)\s(?:[^\n;|&]{0,300}\s)?)login${before}-p[ =]?${word}`,
  ),
  // `curl -H "Authorization: Bearer value"`, `-H "X-Api-Key: value"`
  option('uthorization', String.raw`\b[Aa]uthorization:\s*(?:[Bb]earer|[Bb]asic|[Tt]oken|[Aa]pi[Kk]ey)\s+${word}`),
  ...['-H', '--header'].map((header) =>
    option(header, String.raw`\s${header}[ =]?["']?(?<name>[\w-]{1,60}):\s{0,4}${word}`),
  ),
  // `drone secret add --value value`
  option('--value', String.raw`\bdrone\s[^\n;|&]{0,300}--value[= ]${word}`),
  // The client of Drone: `drone -t value repo ls`
  option(
    ' -t',
    String.raw`${atStart}(?:[\w.~/-]{0,100}\/)?drone(?:\s+--?[\w-]{1,40}[ =][^\s-]\S{0,200}){0,4}\s+-t[ =]${word}`,
  ),
  // A name of the file of RubyGems that holds keys is no key
  option('gem ', String.raw`${atName}gem\s+push${before}-k\s?(?![a-z_-]{1,40}(?:\s|$))${word}`),
  // `cargo login value`, `snyk auth value`
  option('cargo', String.raw`\bcargo\s+login\s+(?!-)${word}`),
  option('vault', String.raw`\bvault\s+login\s+(?![-\w]+=)(?!-)${word}`),
  option('snyk', String.raw`\bsnyk\s+auth\s+(?!-)${word}`),
  ...given.map(([name, programs]) =>
    option(name, String.raw`${atName}(?:${programs})${before}${name}(?:\s?|=)${word}`),
  ),
  // `mysql -pvalue`: behind a blank it is the name of the database
  option(
    '-p',
    String.raw`\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mariadb|mariadb-dump|mariadb-admin|7z[ar]?)${before}-p${word}`,
  ),
  option('rar', String.raw`\b(?:un)?rar${before}-h?p${word}`),
  // `curl -u user:password`, `lftp -u user,password`
  option('-u', String.raw`\b(?:curl|http|https|xh|lftp)${before}(?:-u|--(?:proxy-)?user)[ =]?${user}[:,]${password}`),
  // `curl -su user:password`, `curl -U user:password`
  option('curl', String.raw`\bcurl${before}-(?:[a-zA-Z]{1,5}u|[a-zA-Z]{0,5}U)[ =]?${user}[:,]${password}`),
  option('-a', String.raw`\b(?:http|https|xh)${before}(?:-a|--auth)[ =]?${user}:${password}`),
  // `curl -u key:`
  {
    ...option('curl', String.raw`\bcurl${before}(?:-[a-zA-Z]{0,5}u|--(?:proxy-)?user)[ =]?${loneUser}`),
    only: 'generated',
  },
  option('openssl', String.raw`\bopenssl${before}-[kK]\s+${word}`),
  option('openssl', String.raw`\bopenssl${before}-pass(?:in|out)?\s+["']?pass:(?<secret>[^\s"'\x60;|&<>()]{1,500})`),
  option(
    'pass',
    String.raw`\b(?:keytool|jarsigner|apksigner)${before}-{1,2}(?:(?:dest|src)?(?:store|key)|ks-)-?pass\s+(?:pass:)?${word}`,
  ),
  // `aws configure set aws_secret_access_key value`, `npm config set //host/:_authToken value`
  option(
    'config',
    String.raw`\bconfig(?:ure)?\s[^\n;|&]{0,300}?(?<!\s--)(?:[Pp]assword|[Ss]ecret(?:_access)?(?:_key)?|[Tt]oken|_auth|[Pp]assphrase)[ =]${word}`,
  ),
  option('ApiKey', String.raw`\bnuget${before}-ApiKey\s+${word}`),
  // `mc alias set NAME URL KEY value`
  option('mc ', String.raw`\bmc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+\S+\s+${word}`),
  // `kubectl create secret generic a --from-literal=key=value`, `drone secret add --data value`
  option('--from-literal', String.raw`--from-literal[= ]["']?[^\s="']{1,200}["']?=${word}`),
  option('--data', String.raw`\b(?:org)?secret\s+(?:add|update)\s(?:[^\n;|&]{0,300}\s)?--data[= ](?!["']?@)${word}`),
  // `podman login --creds user:value`, `skopeo copy --dest-creds user:value`
  option('creds', `--(?:src-|dest-)?creds[= ]${user}:${password}`),
  option(
    'htpasswd',
    String.raw`\bhtpasswd\s+(?:-\w{1,6}\s+){0,3}-\w{0,6}b\w{0,6}\s+(?:-\w{1,6}\s+(?:\d{1,3}\s+)?){0,3}(?:[^\s"',-][^\s"',]{0,200}\s+)?[^\s"',]{1,100}\s+${word}`,
  ),
  option('influx', String.raw`\binflux${before}-password\s+${word}`),
  // `redis-server --masterauth value`, `redis-cli auth name value`: all that is behind it
  option('pass', String.raw`(?:requirepass|auth-pass\s+\S{1,100})\s+${word}`),
  option('masterauth', String.raw`masterauth\s+${word}`),
  option('redis-cli', String.raw`\bredis-cli${before}(?:AUTH|auth)\s+["']?(?<secret>[^"'\x60\n;|&<>()]{1,300})`),
  option('open', String.raw`\bopen\s+-u\s+[^\s,"']{1,100},${word}`),
  option('-Dsonar', String.raw`-Dsonar\.(?:login|token|password)=${word}`),
  option('http-basic', String.raw`\bhttp-basic\.\S{1,100}\s+\S{1,100}\s+${word}`),
  option('machine', String.raw`\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+${word}`),
  option('_auth=', `_auth=${word}`),
  option('SecureString', String.raw`ConvertTo-SecureString\s+(?:-String\s+)?${word}`),
  // `echo user:value | chpasswd`
  option('chpasswd', String.raw`\becho\s+(?:-\w+\s+)*["']?[^\s:"']{1,100}:${word}["']?\s*\|[^|\n]{0,100}chpasswd`),
  // `echo value | docker login --password-stdin`, `cat <<< value | …`, `gh auth login --with-token <<< value`
  ...readers.flatMap(([mark, reader]) => [
    option(mark, said + piped + reader + endOfReader),
    // PowerShell: `"value" | docker login --password-stdin`
    option(
      mark,
      String.raw`${atStart}(?<quote>["'])(?<secret>[^\s"'\x60;|&<>()]{1,500})\k<quote>\s*${piped}${reader}${endOfReader}`,
    ),
    option(mark, String.raw`\bcat\s+<<<\s*${word}["']?\s*${piped}${reader}${endOfReader}`),
    option(mark, String.raw`${reader}${endOfReader}[^|\n]{0,200}<<<\s*${word}`),
  ]),
  option('chpasswd', String.raw`\bchpasswd\s[^|\n]{0,60}<<<\s*["']?[^\s:"']{1,100}:${word}`),
  // `--password <(echo value)`, `--token-file <(echo value)`
  option(
    '<(',
    String.raw`--?[a-z-]{0,40}(?:pass(?:word|wd|phrase)?|token|secret|key)[a-z-]{0,20}[= ]["']?<\(\s{0,4}(?:echo|printf)\s+(?:-\w+\s+)*(?:["']?%s(?:\\n)?["']?\s+)?${word}`,
  ),
  // `echo value > .vault_pass`, `echo value | tee secrets/api_token`
  { ...option('>', String.raw`${said}>{1,2}\|?\s*${secretFile}`), only: 'not ordinary' },
  { ...option('tee', String.raw`${said}\|\s*(?:sudo\s+)?tee\s+(?:-\w+\s+)*${secretFile}`), only: 'not ordinary' },
  // The client of Drone: `drone orgsecret add org name value`, `drone encrypt a/b value`
  option(
    'orgsecret',
    String.raw`\borgsecret[ \t]+(?:add|update)[ \t]+(?:--?[\w-]{1,40}[ \t]+){0,4}(?!-)\S{1,100}[ \t]+(?!-)\S{1,100}[ \t]+(?!["']?[@#-])${word}`,
  ),
  option(
    'encrypt',
    String.raw`\bdrone[ \t](?:[^\n;|&]{0,300}[ \t])?encrypt[ \t]+(?:--?[\w-]{1,40}[ \t]+){0,4}(?!-)[^\s/]{1,100}\/\S{1,100}[ \t]+(?!["']?[@#-])${word}`,
  ),
  // Options and words of single programs
  option('/p', String.raw`\bsigntool(?:\.exe)?["']?${before}\/p\s+${word}`),
  option('/d:sonar', String.raw`\/d:sonar\.(?:login|token|password)=${word}`),
  option('-P', String.raw`(?<=\s["']?)-P[\w.]{0,60}(?:[Pp]wd?|[Pp]ass)=${word}`),
  option('mysqladmin', String.raw`\bmysqladmin${before}password\s+${word}`),
  option('-auth', String.raw`\bjenkins-cli(?:\.jar)?${before}-auth\s+${user}:${password}`),
  option(
    'az ',
    String.raw`\baz\s+(?:sql|mysql|postgres|vm|vmss)\s(?:[^\n;|&]{0,300}\s)?(?:create|update)${before}-p\s+${word}`,
  ),
  option('cf auth', String.raw`\bcf\s+auth\s+(?!-)\S{1,100}\s+(?!-)${word}`),
  option(
    'consul',
    String.raw`\bconsul\s+kv\s+put\s+(?:-\S{1,100}\s+){0,4}(?!-)\S{0,200}(?:[Pp]assword|[Pp]asswd|[Tt]oken|[Ss]ecret|[_-]key)\s+${word}`,
  ),
  option('etcdctl', String.raw`\betcdctl${before}--user[= ]${user}:${password}`),
  option('unseal', String.raw`\bvault\s+operator\s+unseal\s+(?:-[\w=-]{1,60}\s+){0,4}(?!-)${word}`),
  option('--key', String.raw`\bcypress\s+(?:run|open)${before}--key[= ]${word}`),
  option('bw ', String.raw`\bbw\s+(?:unlock|login\s+(?!-)\S{1,100})[ \t]+(?!-)${word}`),
  option('-hmac', String.raw`\bopenssl${before}-hmac\s+${word}`),
  option('obscure', String.raw`\brclone\s+obscure\s+(?!-)${word}`),
  option('net ', String.raw`\bnet(?:\.exe)?\s+user\s+(?!\/)\S{1,100}\s+(?![/*])${word}`),
  option(
    'ParameterKey',
    String.raw`ParameterKey=\w{0,60}(?:[Pp]assword|[Pp]wd|[Ss]ecret|[Tt]oken|[Kk]ey),ParameterValue=(?<secret>[^\s"'\x60;|&<>(),]{1,500})`,
  ),
  // `curl -x user:value@proxy`, `curl --cert file:value`
  option(
    'curl',
    String.raw`\bcurl${before}(?:-x|--(?:proxy|preproxy|socks[45]a?))[ =]?["']?[^\s:,"'\x60$/]{1,100}:(?!\/\/)${word}(?=@)`,
  ),
  option('curl', String.raw`\bcurl${before}(?:-E|--(?:proxy-)?cert)[ =]?["']?[^\s:"'\x60$]{1,200}:${word}`),
  option('/p:', String.raw`\bxfreerdp3?${before}\/p:${word}`),
  option('authtoken', String.raw`\bngrok\s+authtoken\s+${word}`),
  option('gh ', String.raw`\bgh\s+secret\s+set${before}(?:-b|--body)[ =]?${word}`),
  option('pulumi', String.raw`\bpulumi\s+config\s+set\s+(?:--(?:secret|path)\s+){0,2}[\w:.-]{1,100}\s+(?!-)${word}`),
  option('codecov', String.raw`\bcodecov[^\n;&]{0,300}?\s-t\s+${word}`),
  option('pypi-token', String.raw`\bpypi-token\.\S{1,100}\s+(?!-)${word}`),
  option('nuget', String.raw`\bnuget\s+setapikey\s+(?!-)${word}`),
  option(
    '_auth',
    String.raw`\b(?:npm|yarn|pnpm)\s+(?:config\s+)?set\s+\S{0,200}(?:_auth(?:Token)?|_password)[ =]${word}`,
  ),
  // `vault kv put path name=value name=value`
  option(
    'vault',
    String.raw`(?<=\bvault\s+(?:kv\s+(?:put|patch)|write\s+secret\/)[^\n;|&]{0,300})\s(?!X-Drone-)[\w.-]{1,100}=(?!\.\.\.)${word}`,
  ),
  option('put-parameter', String.raw`\bssm\s+put-parameter${before}--value[ =]${word}`),
  option('keyvault', String.raw`\bkeyvault\s+secret\s+set${before}--value[ =]${word}`),
  // `sqlplus user/value@database`, `smbclient -U user%value`
  option(
    'sql',
    String.raw`\b(?:sqlplus|sqlldr)\s+(?:-\w{1,10}\s+){0,4}["']?[\w$#.-]{1,60}\/["']{0,2}(?<secret>[^\s"'\x60;|&<>()@/]{1,200})`,
  ),
  option(
    '%',
    String.raw`\b(?:smbclient|smbget|smbmap|rpcclient)${before}(?:-U\s?|--user[ =])["']?[^\s%"']{1,100}%${word}`,
  ),
  option('rabbitmqctl', String.raw`\brabbitmqctl${before}(?:add_user|change_password)\s+\S{1,100}\s+${word}`),
  // `bundle config gems.example.org value`, not a setting of bundler
  option(
    'bundle',
    String.raw`\bbundle\s+config\s+(?:set\s+)?(?:--?\w{1,20}\s+)*(?:https?:\/\/)?(?!(?:build|mirror|local)\.)[\w-]{1,60}(?:\.[\w-]{1,60}){1,8}\s+(?!-)(?:[^\s:"'/]{1,100}:)?(?!\/)${word}`,
  ),
  option(
    'composer',
    String.raw`\bcomposer${before}(?:github-oauth|gitlab-oauth|gitlab-token|bearer)\.\S{1,100}\s+${word}`,
  ),
  option('nmcli', String.raw`\bnmcli${before}(?:password|\S{0,60}\.psk)\s+${word}`),
];
