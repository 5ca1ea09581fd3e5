import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { Container } from '../../src/model/container.ts';
import type { Environment, SecretTraits } from '../../src/model/environment.ts';
import type { Installation } from '../../src/model/installation.ts';

/** The fields of every interface of a file, as `Container.image`, from its own text: a new field is one at once. */
export function fieldsDeclaredIn(path: string): readonly string[] {
  const fields: string[] = [];
  ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest).forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    for (const { name } of node.members)
      if (name && ts.isIdentifier(name)) fields.push(`${node.name.text}.${name.text}`);
  });
  return fields;
}

/** The fields that something of an installation fills. */
export function fieldsFilledIn({ containers, settings }: Installation): ReadonlySet<string> {
  const filled = new Set<string>();
  const take = (name: string, object: object | undefined): void => {
    for (const [field, value] of Object.entries(object ?? {})) if (isFilled(value)) filled.add(`${name}.${field}`);
  };
  const takeSecret = (traits: SecretTraits | undefined): void => take('SecretTraits', traits);
  const takeEnvironment = (one: Environment): void => {
    take('Environment', one);
    for (const variable of one.variables.values()) {
      take('Variable', variable);
      takeSecret(variable.secret);
      for (const part of variable.parts ?? []) {
        take('SecretPart', part);
        takeSecret(part.secret);
      }
    }
  };
  const takeContainer = (one: Container): void => {
    take('Container', one);
    take('Image', one.image?.value);
    take('Observed', one.observed);
    for (const mount of one.mounts) take('Mount', mount);
    for (const port of one.ports) take('Port', port);
    if (one.imageEnvironment) takeEnvironment(one.imageEnvironment);
  };
  for (const one of settings) {
    take('Settings', one);
    takeEnvironment(one);
  }
  containers.forEach(takeContainer);
  return filled;
}

/** What a reader that leaves a field out would not say: nothing, an empty text or list, and `false` are not filled. */
function isFilled(value: unknown): boolean {
  if (value === undefined || value === '' || value === false) return false;
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Map ? value.size > 0 : true;
}
