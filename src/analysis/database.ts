import type { Variable } from '../model/environment.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { type Datasource, readDatasource } from '../secrets/datasource.ts';

/** The database server that a Drone server is told to use. */
export interface Database {
  readonly driver: 'postgres' | 'mysql';
  readonly source: Datasource;
  readonly variable: Variable;
}

/** Undefined for SQLite, and where driver or data source are not known. */
export function databaseOf(settings: Settings): Database | undefined {
  const variable = setVariable(settings, 'DRONE_DATABASE_DATASOURCE');
  const driver = setVariable(settings, 'DRONE_DATABASE_DRIVER');
  if (variable?.value === undefined) return undefined;
  // A data source of unknown driver is told by its look; without any driver the server takes SQLite.
  const isUrl = /^postgres(?:ql)?:\/\//i.test(variable.value);
  const name = driver && driver.value === undefined ? (isUrl ? 'postgres' : undefined) : driver?.value;
  if (name !== 'postgres' && name !== 'mysql') return undefined;
  return { driver: name, source: readDatasource(variable.value, name), variable };
}
