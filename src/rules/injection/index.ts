import type { AnyRule } from '../../model/rule.ts';
import evaluatedVariable from './evaluated-variable.ts';
import outsiderTextSubstitution from './outsider-text-substitution.ts';
import refNameSubstitution from './ref-name-substitution.ts';
import textBasedDecision from './text-based-decision.ts';
import undefinedVariable from './undefined-variable.ts';
import unescapedTemplateText from './unescaped-template-text.ts';
import unsupportedSubstitution from './unsupported-substitution.ts';

export default [
  evaluatedVariable,
  outsiderTextSubstitution,
  refNameSubstitution,
  textBasedDecision,
  undefinedVariable,
  unescapedTemplateText,
  unsupportedSubstitution,
] satisfies readonly AnyRule[];
