export { default as overdueStepContainer } from './overdue-step-container.ts';
