import { type CredentialOption, word } from './forms.ts';

/*
 * What commands are given that is masked where it looks like a credential, and that no rule speaks of: here programs are
 * not known, and much that stands in the same place is none.
 */

const said = String.raw`\b(?:echo|printf)\s+(?:-\w+\s+)*(?:["']?%s(?:\\n)?["']?\s+)?${word}["']?\s*`;
/** A file that holds credentials, by its usual name. */
const secretFile = String.raw`["']?[^\s"'\x60;|&<>()]{0,200}(?:pgpass|netrc|git-credentials|kube\/?config|dockercfg|\.docker\/config\.json|\.my\.cnf|\.npmrc|\.pypirc|key\.json|id_(?:rsa|dsa|ecdsa|ed25519)|passw(?:or)?d|passphrase|token|secret|credentials?|\.pem|\.key)(?:\.(?:txt|key|env|json|conf))?(?![\w./-])`;

function option(mark: string, pattern: string, only?: CredentialOption['only']): CredentialOption {
  return { mark, pattern: new RegExp(pattern, 'gi'), ...(only && { only }) };
}

export const maskedOptions: readonly CredentialOption[] = [
  // `--basic-auth name:value`, `-u name:value` of any program; `--user 1000:1000` and `-u node:node` are others
  option(
    '-',
    String.raw`(?<![\w-])--?(?:u|user|login|account|(?:[a-z]{1,20}-){0,2}(?:auth|user|login|creds?|credentials?))(?:=|\s{1,8}|["']\s{0,4},\s{0,4})["']{0,2}(?<user>[^\s:,"'\x60$/{}()<>|&;=]{1,100}):(?!\/)${word}`,
    'a login',
  ),
  // `-storepass value`
  option('pass', String.raw`(?<![\w-])--?[a-z]{0,20}(?:store|key)-?pass(?:word)?(?:=|\\?\s{1,8})(?:pass:)?${word}`),
  // `-p value` of any program
  option(
    ' -',
    String.raw`(?<=\s)-[pt]\s+["']{0,2}(?<secret>(?=[a-z_.~+=!@%^*-]{0,100}\d)[\w.~+=!@%^*-]{16,300})(?![\w/:])`,
    'generated',
  ),
  // `X-Vendor-Api: value`, `proxy_set_header X-Vendor-Key value`
  option(
    '-',
    String.raw`(?<![\w-])X-[\w-]{0,60}(?:api|key|token|auth|secret|pat|password|signature)\\?["']?(?:\s{0,4}[:=]\s{0,4}|\s{1,8})\\?${word}`,
    'not ordinary',
  ),
  // `echo value | base64 -d > file`
  option('base64', String.raw`${said}\|\s*base64\s+(?:-d|-D|--decode)\b`, 'not ordinary'),
  // `echo value > ~/.pgpass`, `cat <<< value > ~/.pgpass`, `cat > ~/.pgpass <<< value`
  option('>', String.raw`${said}>{1,2}\|?\s*${secretFile}`, 'not ordinary'),
  option('<<<', String.raw`<<<\s*${word}["']?\s*>{1,2}\|?\s*${secretFile}`, 'not ordinary'),
  option('<<<', String.raw`>{1,2}\|?\s*${secretFile}["']?\s*<<<\s*${word}`, 'not ordinary'),
  option('<<<', String.raw`(?<![\w.-])passwd\s[^|\n<]{0,60}<<<\s*${word}`),
  // `echo value | program --password-file /dev/stdin`
  option('/dev/stdin', String.raw`${said}\|[^|\n]{0,200}\S{0,40}(?:pass|token|secret|key)[a-z-]{0,20}[= ]\/dev\/stdin`),
  // `machine host\nlogin name\npassword value` in one line
  option(
    'password',
    String.raw`(?<=login(?:\s|\\[nt]){1,4}[^\s\\]{1,100}(?:\s|\\[nt]){1,4})password(?:\s|\\[nt]){1,4}["']?(?<secret>[^\s"'\\]{1,300})`,
  ),
  // `-DrepoPw=value`
  option('-D', String.raw`(?<=["'\s])-D[\w.]{0,80}(?:pw|pwd|psw|creds?)=${word}`),
  // What is sent: `-d '{"key":"value"}'`, `-d key=value`
  option(
    'key',
    String.raw`(?<=\s)(?:-d|--data[a-z-]{0,12})[ =]["']?[^\n;|]{0,300}?(?<![\w-])key(?:\\?["']\s{0,4}:\s{0,4}\\?["']|=)(?<secret>[^\s"'\\&;|]{4,300})`,
    'not ordinary',
  ),
  // `A: token value`
  option(
    ' ',
    String.raw`(?<=(?:^|["'=]|:\s)\s{0,4})(?:pass|password|token|secret)\s{1,4}(?<secret>(?=\S{0,60}\d)[^\s"':=(),;]{8,300})(?=["']?\s{0,8}$)`,
    'not ordinary',
  ),
];

/** `--set a.b=text,c=text` of helm: each by its path. */
export const setOption = /--set(?:-string|-literal)?[ =]["']?(?<list>[^\s`;|&<>()]{3,2000})/g;
/** A path with a secret in it, that does not refer to one or describe it. */
export const secretPath =
  /^(?!.*existing)(?!.*(?:name|ref|enabled|create|type|path|file|key)$).*(?:secret|passw|passphrase|token|credential|apikey|private_?key)/i;
