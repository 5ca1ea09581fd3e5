import { obsoleteSetting } from '../../analysis/obsolete.ts';
import { isOn } from '../../analysis/setting-state.ts';
import { sharersOf } from '../../drone/topology.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { parseGoBool } from '../../facts/go-values.ts';
import { insteadOf } from '../../facts/misnamed-settings.ts';
import { componentNames, isComponent, settingFor, settingOf } from '../../facts/settings.ts';
import type { Component } from '../../facts/settings-table.ts';
import type { Variable } from '../../model/environment.ts';
import type { Context } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

/** Why a variable does nothing. */
export interface Ineffectiveness {
  readonly because: string;
  /** Whether it was meant to protect something. */
  readonly isProtection?: boolean;
  /** The value, where that is at fault. */
  readonly at?: Variable['at'];
}

/** Why a component does nothing with a variable; undefined if it does something, or if that is unknown. */
export function ineffectivenessOf(
  variable: Variable,
  settings: Settings,
  role: Component,
  context: Context,
): Ineffectiveness | undefined {
  const { name } = variable;
  if (!name.startsWith('DRONE_')) return undefined;
  if (/^DRONE_UI_DISABLED?$/.test(name) && role !== 'server') return uiDisabled(variable, settings);
  if (name === 'DRONE_REPOSITORY_VISIBILITY' && role === 'server') return visibility(variable);
  if (name === 'DRONE_RPC_DUMP_HTTP_BODY' && settingFor(name, role)) {
    const isAlone = isOn(settings, 'DRONE_RPC_DUMP_HTTP') === false && isOn(settings, name);
    return isAlone ? { because: 'it adds to DRONE_RPC_DUMP_HTTP, which is not on' } : undefined;
  }
  if (name === 'DRONE_NETRC_CLONE_ONLY' && role !== 'server') return cloneOnly(variable, settings, role);
  const fact = settingFor(name, role);
  const isMeantForOthers = isForSeveral(settings) && fact?.of.some((other) => other !== role) !== false;
  if (isMeantForOthers) return undefined;
  if (fact) {
    const isIdle = !fact.legacy && fact.noEffectIn?.includes(role) === true;
    return isIdle ? { because: `${componentNames[role]} parses it and never uses it` } : undefined;
  }
  if (!isReadByOthers(variable, role, settings, context)) return undefined;
  const instead = insteadOf.find((each) => each.name === name && each.of.includes(role));
  return {
    because: `${componentNames[role]} does not read it${instead ? `; "${instead.use}" is what it reads` : ''}`,
  };
}

/** An env file that is read on its own may serve several components, and we do not know which. */
function isForSeveral({ container, at }: Settings): boolean {
  return !container && (at.source.form === 'env' || at.source.form === 'docker-env');
}

/**
 * Whether only other components read a variable, and none of them shares it: an env file may be theirs too, and a nomad
 * runner hands everything it has to a docker runner (drone-runner-nomad config.go:118-140).
 */
function isReadByOthers(variable: Variable, role: Component, settings: Settings, { installation }: Context): boolean {
  const { name } = variable;
  const fact = settingOf(name);
  if (!fact || fact.nonexistent || fact.legacy || obsoleteSetting(name, role, settings.version)) return false;
  if (role === 'runner-nomad' && fact.of.includes('runner-docker')) return false;
  return !sharersOf(variable, installation).some((other) => isComponent(other.role) && settingFor(name, other.role));
}

function uiDisabled({ value }: Variable, settings: Settings): Ineffectiveness | undefined {
  const isMeant = parseGoBool(value ?? '') === true && setVariable(settings, 'DRONE_UI_PASSWORD') !== undefined;
  return {
    because: isMeant
      ? 'the dashboard is on because DRONE_UI_PASSWORD is set'
      : 'the dashboard is off unless DRONE_UI_PASSWORD is set',
    isProtection: isMeant,
  };
}

function visibility({ value, at }: Variable): Ineffectiveness | undefined {
  if (value === undefined || ['', 'internal', 'public'].includes(value)) return undefined;
  return { because: 'only "internal" does anything; public repositories stay public', isProtection: true, at };
}

/** Docker runners read it from 1.5.0 on, kubernetes runners from 1.0.0-beta.9 on; most others never. */
function cloneOnly({ value, at }: Variable, settings: Settings, role: Component): Ineffectiveness | undefined {
  const { version } = settings;
  const isMeant = parseGoBool(value ?? '') === true;
  const beta = /^1\.0\.0-beta\.(\d+)$/.exec(version ?? '')?.[1];
  const isOld =
    (role === 'runner-docker' && olderThan(parseVersion(version), [1, 5])) ||
    (role === 'runner-kube' && beta !== undefined && Number(beta) < 9);
  if (isOld) return { because: `${componentNames[role]} reads it only in later releases`, isProtection: isMeant, at };
  if (settingFor('DRONE_NETRC_CLONE_ONLY', role) || role === 'runner-nomad' || role === 'autoscaler') return undefined;
  return { because: `${componentNames[role]} gives the credential to every step`, isProtection: isMeant, at };
}
