import type { Database } from '../../analysis/database.ts';
import { databasePasswords } from '../../facts/databases.ts';
import type { Container } from '../../model/container.ts';
import type { SecretTraits } from '../../model/environment.ts';
import type { Location } from '../../model/source.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';

/** What is wrong with a password: `is empty`. */
export interface PasswordFault {
  readonly at: Location;
  readonly message: string;
}

/** Faults of the password with which a server logs in. */
export function loginFaults({ source, variable }: Database): readonly PasswordFault[] {
  const password = variable.parts?.find(({ name }) => name === 'password');
  if (source.password === 'empty') {
    // On its own host a database may know users by other means.
    return source.user === undefined || source.host === undefined ? [] : [{ at: variable.at, message: 'is empty' }];
  }
  if (source.password === 'user') return [{ at: password?.at ?? variable.at, message: 'is the name of its user' }];
  return password ? faultOf(password.secret, password.at) : [];
}

/** Faults of the passwords that the container of a database sets. */
export function faultsOfContainer({ environment }: Container, driver: Database['driver']): readonly PasswordFault[] {
  return databasePasswords[driver].flatMap((name) => {
    const variable = environment.variables.get(name);
    if (variable?.value === '') return [{ at: variable.at, message: 'is empty' }];
    // That a fallback is used is told by secret-fallback.
    return variable?.secret && variable.origin !== 'fallback' ? faultOf(variable.secret, variable.at) : [];
  });
}

function faultOf({ known }: SecretTraits, at: Location): readonly PasswordFault[] {
  if (known === 'none' || (known === 'placeholder' && isTemplateFile(at.source.name))) return [];
  const message = {
    sample: 'is a documented sample value',
    word: 'is a common word that is guessed first',
    placeholder: 'is a placeholder that was never filled in',
  }[known];
  return [{ at, message }];
}
