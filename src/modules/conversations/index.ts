export { sweepAccess } from './access.store.ts';
export * from './dialogue.ts';
export { type DialogueDeps, makeDialogue } from './make-dialogue.ts';
