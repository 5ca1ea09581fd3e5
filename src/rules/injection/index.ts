export { default as evaluatedVariable } from './evaluated-variable.ts';
export { default as outsiderTextSubstitution } from './outsider-text-substitution.ts';
export { default as refNameSubstitution } from './ref-name-substitution.ts';
export { default as textBasedDecision } from './text-based-decision.ts';
export { default as undefinedVariable } from './undefined-variable.ts';
export { default as unescapedTemplateText } from './unescaped-template-text.ts';
export { default as unsupportedSubstitution } from './unsupported-substitution.ts';
