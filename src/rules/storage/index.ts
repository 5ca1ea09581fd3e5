export { default as defaultDatabasePassword } from './default-database-password.ts';
export { default as misplacedDataDirectory } from './misplaced-data-directory.ts';
export { default as mixedEncryption } from './mixed-encryption.ts';
export { default as plainStorageConnection } from './plain-storage-connection.ts';
export { default as unencryptedDatabase } from './unencrypted-database.ts';
export { default as unencryptedUserTokens } from './unencrypted-user-tokens.ts';
export { default as weakDatabaseSecret } from './weak-database-secret.ts';
