// Puts a report of drone-audit as a comment on a pull request of GitHub or Gitea, in place of the one that it left there before:
//   drone-audit scan . -o report.md; node comment.js report.md
//
// COMMENT_API    the pull request, as issue: https://api.github.com/repos/OWNER/NAME/issues/NUMBER, or of Gitea
//                https://git.example.com/api/v1/repos/OWNER/NAME/issues/NUMBER
// COMMENT_USER   the account that the token belongs to, such as github-actions[bot]
// COMMENT_TOKEN  may comment, and nothing else
//
// Never run this where a pull request decides what is run: whoever can change the commands can read the token. See
// docs/gate.md.
import { readFileSync } from 'node:fs';

const marker = '<!-- drone-audit -->';
/** GitHub takes no longer text; the report keeps below it. */
const longest = 65_536;
/** Ends the search in a pull request of more than two thousand comments. */
const mostPages = 40;

const api = new URL(required('COMMENT_API').replace(/\/$/, ''));
const user = required('COMMENT_USER');
const token = required('COMMENT_TOKEN');
// The token goes nowhere in clear text, but for a server on this machine.
if (api.protocol !== 'https:' && api.hostname !== '127.0.0.1') fail('COMMENT_API has to begin with https://');
const issue = /^(.*\/issues)\/\d+$/.exec(api.href) ?? fail('COMMENT_API has to end in /issues/NUMBER');

const body = readFileSync(process.argv[2] ?? fail('name the report'), 'utf8');
if (!body.startsWith(`${marker}\n`)) fail('this is no Markdown report of drone-audit');
if (body.length > longest) fail('the report is too long for a comment');

const earlier = await earlierComment();
if (earlier === undefined) await ask('POST', `${issue[0]}/comments`, { body });
else await ask('PATCH', `${issue[1]}/comments/${earlier}`, { body });
console.log(earlier === undefined ? 'commented' : 'replaced the comment');

/** Only one of our own: the marker alone could be written by anybody. */
async function earlierComment() {
  for (let page = 1; page <= mostPages; page++) {
    // GitHub reads per_page, Gitea limit.
    const comments = await ask('GET', `${issue[0]}/comments?per_page=50&limit=50&page=${page}`);
    const found = comments.find((each) => each.user?.login === user && each.body?.startsWith(marker));
    if (found) return found.id;
    if (comments.length < 50) return undefined;
  }
  return undefined;
}

async function ask(method, url, content) {
  const answer = await fetch(url, {
    method,
    // An answer must not be able to send the token elsewhere.
    redirect: 'error',
    headers: { authorization: `token ${token}`, accept: 'application/json', 'content-type': 'application/json' },
    body: content && JSON.stringify(content),
  });
  if (!answer.ok) fail(`${method} ${new URL(url).pathname}: status ${answer.status}`);
  return answer.json();
}

function required(name) {
  return process.env[name] || fail(`${name} is not set`);
}

function fail(reason) {
  console.error(`comment: ${reason}`);
  process.exit(1);
}
