import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDatasource } from '../../src/secrets/datasource.ts';
import { expectProportional } from '../support/cost.ts';

it.each([
  [
    'postgres://drone:s3cret@db.example.com:5432/drone?sslmode=disable',
    { host: 'db.example.com', user: 'drone', password: 'other', tls: 'disable' },
  ],
  ['postgresql://drone@db/drone', { host: 'db', user: 'drone', password: 'empty' }],
  [
    'postgres://ci:ci@db/drone?connect_timeout=3&sslmode=require',
    { host: 'db', user: 'ci', password: 'user', tls: 'require' },
  ],
  ['postgres://drone:a/b#c@db/drone', { host: 'db', user: 'drone', password: 'other' }],
  ['postgres:///drone?host=db.example.com', { host: 'db.example.com', password: 'empty' }],
  [
    "host=10.0.0.5 user=drone password='s 3' sslmode=prefer",
    { host: '10.0.0.5', user: 'drone', password: 'other', tls: 'prefer' },
  ],
  ['host=/var/run/postgresql user=drone dbname=drone', { user: 'drone', password: 'empty' }],
  ['', { password: 'empty' }],
] as const)('PostgreSQL: %s', (text, source) => {
  expect(readDatasource(text, 'postgres')).toEqual(source);
});

it.each([
  ['root:s3cret@tcp(db:3306)/drone?parseTime=true', { host: 'db', user: 'root', password: 'other' }],
  [
    'root:root@tcp(db.example.com)/drone?parseTime=true&tls=skip-verify',
    { host: 'db.example.com', user: 'root', password: 'user', tls: 'skip-verify' },
  ],
  ['drone:a@b/c@tcp(db:3306)/drone', { host: 'db', user: 'drone', password: 'other' }],
  ['drone@unix(/run/mysqld/mysqld.sock)/drone', { user: 'drone', password: 'empty' }],
  ['/drone', { password: 'empty' }],
  ['drone', { password: 'empty' }],
] as const)('MySQL: %s', (text, source) => {
  expect(readDatasource(text, 'mysql')).toEqual(source);
});

it('never throws, and is quick with long texts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('postgres', 'mysql'), (text, driver) => {
      readDatasource(text, driver);
    }),
  );
  for (const piece of ['a = ', '@', 'x'])
    for (const driver of ['postgres', 'mysql'] as const)
      expectProportional((scale) => readDatasource(piece.repeat(200_000 * scale), driver));
});
