export { sweepAccess } from './access.store.ts';
export * from './dialogue.ts';
export * from './identity.port.ts';
export { type DialogueDeps, makeDialogue } from './make-dialogue.ts';
export { removeSignIn, saveSignIn } from './sign-in.store.ts';
