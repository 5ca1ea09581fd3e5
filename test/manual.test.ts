import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentVariables } from '../src/commands/about.ts';
import { droneAudit } from './support/cli.ts';

const page = droneAudit(['manual']).stdout;
const has = (program: string): boolean => spawnSync(program, ['-V']).error === undefined;

/** What is shown of the page, without bold and underlines. */
const shown = (): string =>
  spawnSync('mandoc', ['-Tascii', '-Owidth=100'], { input: page, encoding: 'utf8' }).stdout.replace(/.\x08/g, '');

describe('the manual page', () => {
  it('is that of the command line (npm run update)', async () => {
    await expect(page).toMatchFileSnapshot('../man/drone-audit.1');
    const manifest: { man: string[]; files: string[] } = JSON.parse(readFileSync('package.json', 'utf8'));
    // npm links what stands in a list, and no single name.
    expect(manifest.man).toEqual(['man/drone-audit.1']);
    expect(manifest.files).toContain('man');
  });

  it('has the sections that people look for, in their order', () => {
    expect([...page.matchAll(/^\.SH "?([A-Z ]+)"?$/gm)].map(([, title]) => title)).toEqual(
      'NAME,SYNOPSIS,DESCRIPTION,COMMANDS,OPTIONS,EXIT STATUS,ENVIRONMENT,FILES,EXAMPLES,SEE ALSO'.split(','),
    );
  });

  it.skipIf(!has('mandoc'))('is sound to mandoc, but for the date that it does not bear', () => {
    const { stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-Wwarning'], { input: page, encoding: 'utf8' });
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.includes('missing date'));
    expect(said).toEqual([]);
  });

  it.skipIf(!has('mandoc'))('shows every option of the help, as it is typed', () => {
    const text = shown();
    for (const command of [['scan'], ['explain'], ['rules'], ['probe', 'secret']])
      for (const [, name = ''] of droneAudit([...command, '--help']).stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm))
        expect(text, command.join(' ')).toContain(name);
    expect(text).toContain("Also look at the newest lines of the logs of Drone's containers.");
  });

  it.skipIf(!has('groff'))('is sound to groff', () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: page, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });

  it('names every variable of the environment that is looked at', () => {
    const looked = new Set<string>();
    for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith('.ts')) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      for (const [, name = ''] of text.matchAll(/\b(?:process\.env|environment)\.([A-Z][A-Z_]+)\b/g)) looked.add(name);
      for (const [, names = ''] of text.matchAll(/\{ ([A-Z_, ]+) \} = (?:io\.)?environment\b/g))
        for (const name of names.split(', ')) looked.add(name);
    }
    expect([...looked].sort()).toEqual(environmentVariables.flatMap(({ names }) => names as readonly string[]).sort());
  });
});
