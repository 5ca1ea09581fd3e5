/** A credential that is invented, in what makes it one: the whole text, and the part of it that is secret. */
export interface Sample {
  readonly text: string;
  readonly secret: string;
}

const hex = '0123456789abcdef';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

let state = 20_11_04;
/** Characters in no order, others at each call, and the same in every run. */
function random(length: number, alphabet = `${letters}234567`): string {
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return alphabet[Math.floor(state / 2 ** 16) % alphabet.length];
  }).join('');
}

function whole(text: string): Sample {
  return { text, secret: text };
}

function within(before: string, secret: string, after = ''): Sample {
  return { text: `${before}${secret}${after}`, secret };
}

/** One of each form of `credentialForms`, by what messages call it. */
export const samples: ReadonlyMap<string, Sample> = new Map([
  ['a token of GitHub', whole(`ghp_${random(36)}`)],
  ['a token of GitLab', whole(`glpat-${random(20)}`)],
  ['an app password of Bitbucket', whole(`ATBB${random(24)}`)],
  ['an access key of AWS', whole(`AKIA${random(16, upper)}`)],
  ['an API key of Google', whole(`AIza${random(35)}`)],
  ['a token of DigitalOcean', whole(`dop_v1_${random(64, hex)}`)],
  ['a storage key of Azure', within('AccountName=web;AccountKey=', `${random(86)}==`, ';EndpointSuffix=web')],
  [
    'a token of a Kubernetes service account',
    whole(`eyJ${random(20)}.eyJpc3MiOiJrdWJlcm5ldGVz${random(60)}.${random(43)}`),
  ],
  ['a token of Vault', whole(`hvs.${random(24)}`)],
  ['a token of Slack', whole(`xoxb-204817365920-${random(24)}`)],
  ['a webhook of Slack', within('https://hooks.slack.com/services/', `T04KD82QP/B07RW19ZM/${random(24)}`)],
  ['a webhook of Discord', within('https://discord.com/api/webhooks/204817365920481736/', random(68))],
  [
    'a webhook of Teams',
    within(
      'https://octocat.webhook.office.com/webhookb2/',
      `f81d4fae-7dec-11d0-a765-${random(12, hex)}@f81d4fae-7dec-11d0-a765-${random(12, hex)}/IncomingWebhook/${random(32, hex)}/f81d4fae-7dec-11d0-a765-${random(12, hex)}`,
    ),
  ],
  ['a live key of Stripe', whole(`sk_live_${random(24)}`)],
  ['a token of npm', whole(`npm_${random(36)}`)],
  ['a token of PyPI', whole(`pypi-AgE${random(80)}`)],
  ['a token of Docker Hub', whole(`dckr_pat_${random(27)}`)],
  ['an API key of SendGrid', whole(`SG.${random(22)}.${random(43)}`)],
  ['an app token of Slack', whole(`xapp-1-A04KD82QP7R-2048173659204-${random(64, hex)}`)],
  ['an API key of Anthropic', whole(`sk-ant-api03-${random(95)}`)],
  ['an API key of OpenAI', whole(`sk-proj-${random(60)}`)],
  ['a token of Hugging Face', whole(`hf_${random(34)}`)],
  ['a token of Shopify', whole(`shpat_${random(32, hex)}`)],
  ['an API key of Mailchimp', whole(`${random(32, hex)}-us21`)],
  ['a token of Databricks', whole(`dapi${random(32, hex)}`)],
  ['a token of Pulumi', whole(`pul-${random(40, hex)}`)],
  ['a token of Terraform Cloud', whole(`${random(14)}.atlasv1.${random(67)}`)],
  ['a token of Fly', whole(`fo1_${random(43)}`)],
  ['a token of Netlify', whole(`nfp_${random(36)}`)],
  ['a token of Doppler', whole(`dp.st.ci.${random(40)}`)],
  ['a token of Atlassian', whole(`ATATT3${random(70)}`)],
  ['a token of Grafana', whole(`glsa_${random(32)}_${random(8, hex)}`)],
  ['a key of New Relic', whole(`NRAK-${random(27, upper)}`)],
  ['a token of Sentry', whole(`sntrys_${random(60)}`)],
  ['a key of Tailscale', whole(`tskey-auth-${random(12)}CNTRL-${random(32)}`)],
  ['a key of Postman', whole(`PMAK-${random(24, hex)}-${random(34, hex)}`)],
  ['a key of Linear', whole(`lin_api_${random(40)}`)],
  ['a token of Figma', whole(`figd_${random(40)}`)],
  ['a token of Notion', whole(`ntn_${random(46)}`)],
  ['a token of RubyGems', whole(`rubygems_${random(48, hex)}`)],
  ['a secret key of age', whole(`AGE-SECRET-KEY-1${random(58, upper)}`)],
  ['a token of Telegram', whole(`204817365:AA${random(33)}`)],
  ['a private key', within('-----BEGIN RSA PRIVATE KEY----- ', random(64), ' -----END RSA PRIVATE KEY-----')],
  ['a private key in base64', whole(`LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt${random(60)}`)],
  ['a registry login', within('{"auth": "', random(40), '"}')],
  ['a signed token', whole(`eyJ${random(20)}.eyJ${random(40)}.${random(43)}`)],
  ['a signed address', within('https://s3.example.org/a?X-Amz-Signature=', random(64))],
  ['a password hash', within('octocat:$2y$10$', random(53))],
  ['a password hash in base64', whole(`JDJhJDE0JD${random(70)}`)],
  ['a credential in prose', within('the token is ', `q7Rk${random(30)}`)],
  ['an address of a notification service', within('discord://', random(68), '@204817365920481736')],
]);
