import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge.ts';
import { unknownSite } from '../../src/model/site.ts';
import { lineOf } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import hardcodedSecret from '../../src/rules/secret/hardcoded-secret.ts';
import { credentialOptions } from '../../src/secrets/forms.ts';
import { inspectAnswer } from '../checks/inspect-answer.ts';
import { everythingSaidOf, type Files } from '../support/commands.ts';

/*
 * What programs are given as a credential is masked wherever their command line may be written. Beside each stands a
 * fault, so that the line is quoted.
 */

/** Unlike anything else, the same length for all, and as a machine makes them. */
const secretOf = (index: number): string => `q8Zt${String(index).padStart(3, '0')}W3nRv5KxPd7`;

const commandLines: readonly ((secret: string) => string)[] = [
  (secret) => `deploy --password ${secret} --verbose`,
  (secret) => `deploy --api-key="${secret}"`,
  (secret) => `export TOKEN=${secret}`,
  (secret) => `docker build --build-arg NPM_TOKEN=${secret} .`,
  (secret) => `docker login -u octocat -p ${secret} registry.example.org`,
  (secret) => `curl -H "Authorization: Bearer ${secret}" https://api.example.org`,
  (secret) => `curl -H 'X-Api-Key: ${secret}' https://api.example.org`,
  (secret) => `wget --header='X-Api-Key: ${secret}' https://api.example.org`,
  (secret) => `curl -H "PRIVATE-TOKEN:${secret}" https://api.example.org`,
  (secret) => `curl -su octocat:${secret} https://api.example.org`,
  (secret) => `drone secret add --name a --value ${secret} octocat/app`,
  (secret) => `cargo login ${secret}`,
  (secret) => `vault login ${secret}`,
  (secret) => `snyk auth ${secret}`,
  (secret) => `sshpass -p ${secret} ssh host.example.org`,
  (secret) => `twine upload -u octocat -p ${secret} dist/a`,
  (secret) => `mysql -uroot -p${secret} db`,
  (secret) => `curl -u octocat:${secret} https://api.example.org`,
  (secret) => `curl -u ${secret}: https://api.example.org`,
  (secret) => `lftp -u octocat,${secret} ftp.example.org`,
  (secret) => `http -a octocat:${secret} api.example.org`,
  (secret) => `redis-cli -a ${secret} ping`,
  (secret) => `ldapsearch -x -w ${secret}`,
  (secret) => `unzip -P ${secret} a.zip`,
  (secret) => `openssl enc -k ${secret} -in a`,
  (secret) => `openssl rsa -passin pass:${secret} -in a`,
  (secret) => `keytool -storepass ${secret} -list`,
  (secret) => `aws configure set aws_secret_access_key ${secret}`,
  (secret) => `npm config set //registry.example.org/:_authToken ${secret}`,
  (secret) => `nuget push a.nupkg -ApiKey ${secret}`,
  (secret) => `mc alias set store https://s3.example.org octocat ${secret}`,
  (secret) => `kubectl create secret generic a --from-literal=key=${secret}`,
  (secret) => `drone secret add --name a --data ${secret} octocat/app`,
  (secret) => `skopeo copy --dest-creds octocat:${secret} a b`,
  (secret) => `htpasswd -Bbn octocat ${secret}`,
  (secret) => `sqlcmd -U sa -P ${secret} -Q x`,
  (secret) => `influx -username octocat -password ${secret}`,
  (secret) => `redis-server --requirepass ${secret}`,
  (secret) => `sonar-scanner -Dsonar.login=${secret}`,
  (secret) => `composer config http-basic.repo.example.org octocat ${secret}`,
  (secret) => `echo machine git.example.org login octocat password ${secret} >> ~/.netrc`,
  (secret) => `echo //registry.example.org/:_auth=${secret} >> .npmrc`,
  (secret) => `pwsh -c ConvertTo-SecureString ${secret} -AsPlainText`,
  (secret) => `echo ${secret} | sudo -S make install`,
  (secret) => `echo octocat:${secret} | chpasswd`,
  (secret) => `cat <<< ${secret} | docker login -u octocat --password-stdin`,
  (secret) => `echo ${secret} | docker login -u octocat --password-stdin`,
  (secret) => `printf %s ${secret} | docker login -u octocat --password-stdin`,
  (secret) => `echo ${secret} | gh auth login --with-token`,
  (secret) => `docker login -u octocat --password-stdin <<< ${secret}`,
  (secret) => `[[ $TOKEN == ${secret} ]]`,
  (secret) => `mvn -Drepo.pwd=${secret} deploy`,
  (secret) => `sqlpackage /Action:Publish /TargetPassword:${secret}`,
  (secret) => `jq --arg token ${secret} .`,
  (secret) => `printf 'TOKEN=%s' ${secret} > .env`,
  (secret) => `printf 'USER=%s TOKEN=%s' octocat ${secret} > .env`,
  (secret) => `cosign login -u octocat -p ${secret} registry.example.org`,
  (secret) => `oras login -u octocat -p ${secret} registry.example.org`,
  (secret) => `regctl registry login registry.example.org -u octocat -p ${secret}`,
  (secret) => `poetry publish -u octocat -p ${secret}`,
  (secret) => `useradd -m -p ${secret} octocat`,
  (secret) => `netlify deploy -a ${secret}`,
  (secret) => `netlify deploy --auth ${secret}`,
  (secret) => `ssh-keygen -t rsa -N ${secret} -f key`,
  (secret) => `dotnet nuget push a.nupkg -k ${secret}`,
  (secret) => `doctl auth init -t ${secret}`,
  (secret) => `glab auth login -t ${secret}`,
  (secret) => `drone -t ${secret} repo ls`,
  (secret) => `gem push a.gem -k ${secret}`,
  (secret) => `rar a -hp${secret} a.rar b`,
  (secret) => `redis-cli AUTH ${secret}`,
  (secret) => `redis-server --masterauth ${secret}`,
  (secret) => `lftp -e "open -u octocat,${secret} ftp.example.org"`,
  (secret) => `cat <<< ${secret} | gh auth login --with-token`,
  (secret) => `gh auth login --with-token <<< ${secret}`,
  (secret) => `echo ${secret} | gpg --batch --passphrase-fd 0 -d a`,
  (secret) => `cat <<< ${secret} | gpg --batch --passphrase-fd 0 -d a`,
  (secret) => `gpg --batch --passphrase-fd 0 -d a <<< ${secret}`,
  (secret) => `echo ${secret} | passwd --stdin octocat`,
  (secret) => `cat <<< ${secret} | passwd --stdin octocat`,
  (secret) => `passwd --stdin octocat <<< ${secret}`,
  (secret) => `cat <<< ${secret} | sudo -S make install`,
  (secret) => `sudo -S make install <<< ${secret}`,
  (secret) => `curl -x octocat:${secret}@proxy.example.org:3128 https://api.example.org`,
  (secret) => `curl --cert client.pem:${secret} https://api.example.org`,
  (secret) => `gh secret set A -b ${secret}`,
  (secret) => `pulumi config set --secret dbpass ${secret}`,
  (secret) => `codecov -f coverage.xml -t ${secret}`,
  (secret) => `poetry config pypi-token.pypi ${secret}`,
  (secret) => `nuget setapikey ${secret}`,
  (secret) => `npm set //registry.example.org/:_authToken ${secret}`,
  (secret) => `vault kv put team/app a=${secret}`,
  (secret) => `aws ssm put-parameter --name a --value ${secret}`,
  (secret) => `az keyvault secret set --vault-name v -n a --value ${secret}`,
  (secret) => `sqlplus octocat/${secret}@db`,
  (secret) => `smbclient //files/share -U octocat%${secret} -c ls`,
  (secret) => `rabbitmqctl add_user octocat ${secret}`,
  (secret) => `bundle config gems.example.org ${secret}`,
  (secret) => `composer config github-oauth.github.com ${secret}`,
  (secret) => `nmcli dev wifi connect a password ${secret}`,
  (secret) => `printf '%s %s TOKEN=%s' a b ${secret} > .env`,
  (secret) => `printf '%s %s %s TOKEN=%s' a b c ${secret} > .env`,
  (secret) => `sed -i s/__TOKEN__/${secret}/ app.conf`,
  (secret) => `xfreerdp /u:octocat /p:${secret} /v:host`,
  (secret) => `ngrok authtoken ${secret}`,
  (secret) => `echo ${secret} | gh secret set A`,
  (secret) => `cat <<< ${secret} | docker secret create a -`,
  (secret) => `wrangler secret put A <<< ${secret}`,
  (secret) => `"${secret}" | docker login -u octocat --password-stdin`,
  (secret) => `"${secret}" | gh auth login --with-token`,
  (secret) => `"${secret}" | gpg --batch --passphrase-fd 0 -d a`,
  (secret) => `"${secret}" | passwd --stdin octocat`,
  (secret) => `"${secret}" | gh secret set A`,
  (secret) => `"${secret}" | sudo -S make install`,
  ...['passwd octocat', 'kinit octocat', 'ssh-add -', 'vault login -', 'gcloud secrets create a --data-file=-'].flatMap(
    (reader) => [
      (secret: string) => `echo ${secret} | ${reader}`,
      (secret: string) => `"${secret}" | ${reader}`,
      (secret: string) => `cat <<< ${secret} | ${reader}`,
      (secret: string) => `true; ${reader} <<< ${secret}`,
    ],
  ),
  (secret) => `chpasswd <<< octocat:${secret}`,
  (secret) => `deploy --password <(echo ${secret})`,
  (secret) => `echo ${secret} > .vault_pass`,
  (secret) => `echo ${secret} | tee secrets/api_token`,
  (secret) => `drone orgsecret add octocat name ${secret}`,
  (secret) => `drone encrypt octocat/app ${secret}`,
  (secret) => `signtool sign /f a.pfx /p ${secret} a.exe`,
  (secret) => `dotnet sonarscanner begin /d:sonar.login=${secret}`,
  (secret) => `gradle publish -PsonatypePw=${secret}`,
  (secret) => `mysqladmin -u root password ${secret}`,
  (secret) => `java -jar jenkins-cli.jar -auth octocat:${secret} build a`,
  (secret) => `az sql server create -n a -u octocat -p ${secret}`,
  (secret) => `cf auth octocat ${secret}`,
  (secret) => `consul kv put app/password ${secret}`,
  (secret) => `etcdctl --user root:${secret} get a`,
  (secret) => `vault operator unseal ${secret}`,
  (secret) => `cypress run --key ${secret}`,
  (secret) => `bw unlock ${secret}`,
  (secret) => `openssl dgst -sha256 -hmac ${secret} a`,
  (secret) => `rclone obscure ${secret}`,
  (secret) => `net user octocat ${secret}`,
  (secret) => `aws cloudformation deploy --parameters ParameterKey=DbPassword,ParameterValue=${secret}`,
  (secret) => `security unlock-keychain -p ${secret} login.keychain`,
  (secret) => `conan user -p ${secret} octocat`,
  (secret) => `security set-key-partition-list -k ${secret} login.keychain`,
  (secret) => `security import a.p12 -P ${secret}`,
  (secret) => `gitlab-runner register -r ${secret}`,
  (secret) => `uv publish -t ${secret}`,
  (secret) => `git clone https://octocat:${secret}@git.example.org/app`,
];

/** What is only masked: rules do not speak of it. */
const maskedLines: readonly ((secret: string) => string)[] = [
  (secret) => `curl -H 'Authorization: Bearer ${secret}' https://api.example.org`,
  (secret) => `curl -H "X-Auth-Token: ${secret}" https://api.example.org`,
];

const allLines = [...commandLines, ...maskedLines];

const commands = allLines.map((line, index) => line(secretOf(index)));
const yaml = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const pipeline = (step: (command: string) => string): string =>
  `kind: pipeline\ntype: docker\nname: default\nsteps:\n${commands.map((command, index) => `- name: s${index}\n  image: alpine:3.20\n  privileged: true\n${step(command)}\n`).join('')}`;
const compose = (service: (command: string) => string): string =>
  `services:\n${commands.map((command, index) => `  s${index}:\n    image: drone/drone-runner-docker:1\n    privileged: true\n${service(command)}\n`).join('')}`;
const inspected = (parts: (command: string) => object): Files => ({
  'drone-audit-evidence.json': JSON.stringify({
    version: 2,
    sources: [{ name: 'docker://all', form: 'docker-inspect', file: 'sources/00001-all.json', given: true }],
  }),
  'sources/00001-all.json': `[\n${commands
    .map((command, index) =>
      JSON.stringify(
        inspectAnswer({
          name: `s${index}`,
          host: { Privileged: true },
          config: { Image: 'drone/drone-runner-docker:1', ...parts(command) },
        }),
      ),
    )
    .join(',\n')}\n]\n`,
});

/** What is told of a component is long: one file of all commands would be longer than a string may be. */
const script = (some: readonly string[]): string =>
  `#!/bin/bash\n${some.map((command) => `${command}\ndocker run -d --privileged drone/drone-runner-docker:1\n`).join('')}`;

const places: Readonly<Record<string, Files>> = {
  'a pipeline': { '.drone.yml': pipeline((command) => `  commands: [${yaml(command)}]`) },
  'a block of a pipeline': { '.drone.yml': pipeline((command) => `  commands:\n  - |\n    ${command}\n    make`) },
  'a health check of a service': {
    'docker-compose.yml': compose((command) => `    healthcheck: {test: ["CMD-SHELL", ${JSON.stringify(command)}]}`),
  },
  'the command of a service': {
    'docker-compose.yml': compose((command) => `    command: [sh, -c, ${yaml(command)}]`),
  },
  'a script': { 'start.sh': script(commands.slice(0, 100)) },
  'another script': { 'start.sh': script(commands.slice(100)) },
  'a unit': {
    'drone.service': `[Service]\n${commands.map((command) => `ExecStartPre=/bin/sh -c "${command.replaceAll('"', '\\"')}"\n`).join('')}Environment=DRONE_RPC_SECRET=secret\nExecStart=/usr/bin/drone-server\n`,
  },
  'the arguments of a pod': {
    'drone.yaml': commands
      .map(
        (command, index) =>
          `apiVersion: v1\nkind: Pod\nmetadata: {name: p${index}}\nspec:\n  containers:\n  - name: s${index}\n    image: drone/drone-runner-docker:1\n    securityContext: {privileged: true}\n    args: [sh, -c, ${yaml(command)}]\n`,
      )
      .join('---\n'),
  },
  'a health check of a container': inspected((command) => ({ Healthcheck: { Test: ['CMD-SHELL', command] } })),
  'the command of a container': inspected((command) => ({ Cmd: ['sh', '-c', command] })),
  'the script of a step': inspected((command) => ({
    Image: 'golang:1.22',
    Labels: { 'io.drone': 'true' },
    Env: [`DRONE_SCRIPT=\n${command}\nmake\n`, `DRONE_COMMIT_MESSAGE=run ${command}`],
  })),
  Starlark: {
    '.drone.star': `def main(ctx):\n  if ctx.build.message: pass\n  return {\n${commands.map((command, index) => `    "commands": [${JSON.stringify(command)}], "v${index}": 1,\n`).join('')}  }\n`,
  },
  Jsonnet: {
    '.drone.jsonnet': `{\n  [if std.extVar('build.message') == '' then 'a']: 1,\n${commands.map((command, index) => `  v${index}: { commands: [${JSON.stringify(command)}] },\n`).join('')}}\n`,
  },
};

describe('a credential that a program is given', () => {
  it('has a sample for each option', () => {
    const unused = credentialOptions.filter(
      ({ mark, pattern }) =>
        !commands.some((command, index) => {
          const secrets = [...command.matchAll(pattern)].map(({ groups }) => groups?.secret);
          return command.includes(mark) && secrets.includes(secretOf(index));
        }),
    );
    expect(unused).toEqual([]);
  });

  it.each(Object.entries(places))('in %s is in no output', async (_, files) => {
    for (const [output, text] of await everythingSaidOf(files)) {
      const shown = allLines.flatMap((line, index) => (text.includes(secretOf(index)) ? [line('SECRET')] : []));
      expect([output, shown]).toEqual([output, []]);
    }
  });

  it('is found in a pipeline', () => {
    const source = { name: '.drone.yml', form: 'drone' as const, text: places['a pipeline']?.['.drone.yml'] ?? '' };
    const { installation } = read([source], (_, path) => ({
      kind: 'unreadable',
      source: path,
      message: say`is not there`,
      incomplete: true,
    }));
    const found = new Set(
      judge(installation, [hardcodedSecret], unknownSite).verdicts.map(({ hit }) => lineOf(hit.at)),
    );
    const lines = source.text.split('\n');
    const unfound = commandLines.flatMap((line, index) =>
      found.has(lines.findIndex((each) => each.includes(secretOf(index))) + 1) ? [] : [line('SECRET')],
    );
    expect(unfound).toEqual([]);
  });
});
