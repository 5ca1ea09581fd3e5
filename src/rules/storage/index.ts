import type { AnyRule } from '../../model/rule.ts';
import defaultDatabasePassword from './default-database-password.ts';
import misplacedDataDirectory from './misplaced-data-directory.ts';
import mixedEncryption from './mixed-encryption.ts';
import plainStorageConnection from './plain-storage-connection.ts';
import unencryptedDatabase from './unencrypted-database.ts';
import unencryptedUserTokens from './unencrypted-user-tokens.ts';
import weakDatabaseSecret from './weak-database-secret.ts';

export default [
  defaultDatabasePassword,
  misplacedDataDirectory,
  mixedEncryption,
  plainStorageConnection,
  unencryptedDatabase,
  unencryptedUserTokens,
  weakDatabaseSecret,
] satisfies readonly AnyRule[];
