import { resolve } from 'node:path';
import { usualPolicy } from '../apply-policy.ts';
import { audit } from '../audit.ts';
import { type Canary, type ExtensionTarget, maxCanaries, probeExtension } from '../checks/extension.ts';
import { writeReport } from '../checks/writing.ts';
import { chosenConfig } from '../config.ts';
import { probedSecrets } from '../facts/documented-secrets.ts';
import { isOutputError } from '../model/output-error.ts';
import { isOwned, type OwnedHost } from '../model/owned-hosts.ts';
import { exitStatus, type Report } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { unknownSite } from '../model/site.ts';
import { say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import { withoutCommands } from '../reporters/escape.ts';
import { probeText } from '../reporters/probe.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { type Io, interruptible, progressOf, wantsColor } from './io.ts';
import { type Look, parseFormat, parseOutput, refuseSharedFiles, render } from './output.ts';
import { withoutCredentials } from './without-credentials.ts';

/** The options of `probe secret`. */
export interface ProbeOptions {
  readonly endpoint: string;
  /** The variable that holds the token. */
  readonly tokenEnv?: string;
  readonly iOwnThis: readonly OwnedHost[];
  readonly sampleTokens: boolean;
  /** `PATH/NAME` of secrets that were made for the probe. */
  readonly canary: readonly string[];
  readonly format: string;
  readonly output: readonly string[];
  readonly failOn: Severity | 'never';
  readonly config?: string | boolean;
  readonly color: 'auto' | 'always' | 'never';
  readonly progress?: boolean;
  readonly verbose: boolean;
}

/** Probes a secret extension, writes the reports and returns the exit status. Throws UserError before anything is sent. */
export async function probeSecret(
  options: ProbeOptions,
  io: Io,
  pace: Pick<ExtensionTarget, 'pauseMs' | 'timeoutMs'> = {},
): Promise<number> {
  const format = parseFormat(options.format);
  const outputs = options.output.map(parseOutput);
  refuseSharedFiles(outputs, io.cwd);
  const endpoint = endpointOf(options.endpoint);
  refuseForeign(endpoint, options.iOwnThis);
  const token = tokenOf(options.tokenEnv, io);
  const canaries = options.canary.map(canaryOf);
  if (canaries.length > maxCanaries) throw new UserError(`--canary may be given ${maxCanaries} times at most`);
  if (canaries.length > 0 && !token)
    throw new UserError(
      '--canary takes the token of the extension',
      'name the variable that holds it with --token-env',
    );
  const samples = options.sampleTokens ? probedSecrets.extension : [];
  const rules = allRules.filter(({ on }) => on === 'extension');
  const config = chosenConfig(options.config, io.cwd, new Set(familyOf.keys()));
  const isOfProbes = ({ rule }: { readonly rule: string }): boolean => rules.some(({ id }) => id === rule);
  const ignores = config?.ignores.filter(isOfProbes) ?? [];
  const severities = config?.severities.filter(isOfProbes) ?? [];
  const { report, understood, maskOf } = await audit({
    version: io.version,
    targets: {
      cwd: io.cwd,
      paths: [],
      standardInput: io.readStandardInput,
      live: [
        () => {
          progressOf(options, io)('asking the extension');
          return interruptible(io, (signal) =>
            probeExtension({ endpoint, token, samples, canaries, version: io.version, ...pace, signal }),
          );
        },
      ],
    },
    rules,
    // What one extension answers says nothing of controls.
    standards: [],
    familyOf,
    site: unknownSite,
    policy: usualPolicy(io.today, { ignores, severities, acceptances: [] }),
    failOn: options.failOn,
    config,
    notAsked: () => [
      ...(token ? [] : ['what only the right token shows (--token-env)']),
      ...(options.sampleTokens ? [] : ['documented tokens (--sample-tokens)']),
      ...(canaries.length > 0 ? [] : ['whether pull requests from forks get a secret (--canary)']),
    ],
  });
  const look: Look = {
    color: wantsColor(options.color, io),
    width: io.width,
    verbose: options.verbose,
    summary: false,
    rules,
    familyOf,
  };
  const [probe] = understood.installation.probes;
  const told = async (as: typeof format, how: Look): Promise<Iterable<string>> => {
    const text = await render(as, report, how);
    if (as !== 'text' || !probe) return text;
    const address = maskOf(probe.at.source.name).text(say`${probe.address.value}`);
    const verdicts = new Map([...probe.outcomes].map(([name, { verdict }]) => [name, verdict.value]));
    return [...withoutCommands([probeText({ address, verdicts }, how)]), ...text];
  };

  let status: Report['exitCode'] = exitStatus(report);
  /** One output that fails costs no other. */
  const attempt = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (!isOutputError(error)) throw error;
      io.error(`drone-audit: ${withoutCredentials(error.message)}`);
      if (status === 0) status = 3;
    }
  };
  const inputs = (config?.files ?? []).map(({ name }) => resolve(io.cwd, name));
  for (const { format: as, file } of outputs)
    await attempt(async () => {
      writeReport(resolve(io.cwd, file), file, await told(as, { ...look, color: false, width: 80 }), inputs);
    });
  await attempt(async () => io.out(await told(format, look)));
  return status;
}

function endpointOf(text: string): URL {
  // Node's own reading would quietly repair what a runner does not take.
  if (!/^https?:\/\/[^/?#\s]+/i.test(text) || !URL.canParse(text))
    throw new UserError('the endpoint is not an address', 'it begins with https:// or http://, as a runner has it');
  return new URL(text);
}

/** Only this machine and what the user says is theirs is asked. */
function refuseForeign(endpoint: URL, owned: readonly OwnedHost[]): void {
  if (isOwned(endpoint, owned)) return;
  const { hostname, host } = endpoint;
  throw new UserError(
    `"${hostname}" is not this machine, and nothing was sent to it`,
    `if it is yours to test, say so with --i-own-this ${host}`,
  );
}

function tokenOf(variable: string | undefined, io: Io): { value: string; variable: string } | undefined {
  if (variable === undefined) return undefined;
  // Whoever gives the token itself shall not find it in a log.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
    throw new UserError('--token-env takes the name of a variable, not the token');
  const value = io.environment[variable];
  if (!value)
    throw new UserError('the variable that --token-env names is not set, or empty', 'export it before the probe');
  return { value, variable };
}

function canaryOf(text: string): Canary {
  const slash = text.lastIndexOf('/');
  if (slash <= 0 || slash === text.length - 1)
    throw new UserError(
      `the canary "${text}" is not PATH/NAME`,
      'as a pipeline asks for it: secret/data/canary/value has the path secret/data/canary',
    );
  return { path: text.slice(0, slash), name: text.slice(slash + 1) };
}
