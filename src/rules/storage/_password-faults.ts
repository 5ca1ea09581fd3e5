import type { Database } from '../../analysis/database.ts';
import { databasePasswords } from '../../facts/databases.ts';
import type { Container } from '../../model/container.ts';
import type { SecretTraits } from '../../model/environment.ts';
import type { Remark } from '../../model/remark.ts';
import type { Location } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';

/** Faults of the password that a server logs in with. */
export function loginFaults({ source, variable }: Database): readonly Remark[] {
  const password = variable.parts?.find(({ name }) => name === 'password');
  if (source.password === 'empty') {
    // A database on the same host may identify users by other means.
    return source.user === undefined || source.host === undefined ? [] : [{ at: variable.at, message: say`is empty` }];
  }
  if (source.password === 'user') return [{ at: password?.at ?? variable.at, message: say`is the name of its user` }];
  return password ? faultOf(password.secret, password.at) : [];
}

/** Faults of the passwords that a database container sets. */
export function faultsOfContainer({ environment }: Container, driver: Database['driver']): readonly Remark[] {
  return databasePasswords[driver].flatMap((name) => {
    const variable = environment.variables.get(name);
    if (variable?.value === '') return [{ at: variable.at, message: say`is empty` }];
    // secret-fallback reports a fallback in use.
    return variable?.secret && variable.origin !== 'fallback' ? faultOf(variable.secret, variable.at) : [];
  });
}

function faultOf({ kind }: SecretTraits, at: Location): readonly Remark[] {
  if (kind === 'none' || (kind === 'placeholder' && isTemplateFile(at.source.name))) return [];
  const message = {
    sample: say`is a documented sample value`,
    word: say`is a common word, which is guessed first`,
    placeholder: say`is a placeholder that was never filled in`,
  }[kind];
  return [{ at, message }];
}
