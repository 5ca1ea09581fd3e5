import type { Installation } from '../model/installation.ts';
import type { Answer, Endpoint } from '../model/server.ts';
import { joinTexts, say, type Text } from '../model/text.ts';

/** What a probe of an address came to, where that would not show otherwise. */
export interface ProbedAddress {
  /** The source that holds its answers. */
  readonly source: string;
  readonly message: Text;
}

/** What the probes of RPC endpoints, runners and autoscalers were answered, by address: that nothing was found is told, too. */
export function probedAddresses({ endpoints }: Installation): readonly ProbedAddress[] {
  return endpoints.flatMap((endpoint): readonly ProbedAddress[] => {
    const answered = endpoint.role === 'server' ? ofServer(endpoint) : ofRunner(endpoint);
    return answered ? [{ source: endpoint.owner, message: answered }] : [];
  });
}

function ofServer({ answers, label, tried, accepted }: Endpoint): Text | undefined {
  const answer = answers.get('POST /rpc/v2/ping');
  return (
    answer && say`the RPC endpoint of ${label} answers with ${status(answer)}${outcome(tried, accepted, 'secret')}`
  );
}

function ofRunner({ answers, label, tried, accepted }: Endpoint): Text | undefined {
  const all = joinTexts(
    [...answers].map(([path, answer]) => say`${path} with ${status(answer)}`),
    ', ',
  );
  return answers.size === 0 ? undefined : say`${label} answers ${all}${outcome(tried, accepted, 'login')}`;
}

function status({ status }: Answer): number {
  return status.value;
}

function outcome(
  tried: number | undefined,
  { length: accepted }: Endpoint['accepted'],
  kind: 'secret' | 'login',
): Text {
  const refused = (tried ?? 0) - accepted;
  const what = kind === 'secret' ? say`documented secret` : say`documented login`;
  const parts = [
    ...(refused > 0 ? [say`${refused} ${what}${refused === 1 ? '' : 's'} refused`] : []),
    ...(accepted > 0 ? [say`a ${what} accepted`] : []),
  ];
  return parts.length === 0 ? say`` : say`; ${joinTexts(parts, ', ')}`;
}
