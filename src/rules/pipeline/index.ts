import type { AnyRule } from '../../model/rule.ts';
import ambiguousSignedDocument from './ambiguous-signed-document.ts';
import duplicateKey from './duplicate-key.ts';
import hiddenCharacter from './hidden-character.ts';
import lateMergeKey from './late-merge-key.ts';
import legacyPipeline from './legacy-pipeline.ts';
import lostDocument from './lost-document.ts';
import malformedPipeline from './malformed-pipeline.ts';
import misspeltTarget from './misspelt-target.ts';
import pluginWithCommands from './plugin-with-commands.ts';
import unknownField from './unknown-field.ts';

export default [
  ambiguousSignedDocument,
  duplicateKey,
  hiddenCharacter,
  lateMergeKey,
  legacyPipeline,
  lostDocument,
  malformedPipeline,
  misspeltTarget,
  pluginWithCommands,
  unknownField,
] satisfies readonly AnyRule[];
