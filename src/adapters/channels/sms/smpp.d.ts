/** The part of npm smpp 0.5.1 that we use; the package has no types of its own. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  export type PduFields = Readonly<Record<string, unknown>>;

  export class PDU {
    constructor(command: string, fields?: PduFields);
    /** Decodes one whole PDU; throws on some kinds of nonsense and lets others through. */
    constructor(whole: Buffer);
    readonly command: string;
    readonly command_id: number;
    readonly command_status: number;
    sequence_number: number;
    isResponse(): boolean;
    /** The answer to a request; throws for a command that has none. */
    response(fields?: PduFields): PDU;
    toBuffer(): Buffer;
    readonly [field: string]: unknown;
  }

  export class Session extends EventEmitter {
    readonly socket: Socket;
    /** False when the line is not writable: nothing was sent, and the callback will never come. */
    send(pdu: PDU, onResponse?: (pdu: PDU) => void): boolean;
    close(): void;
    destroy(): void;
  }

  export interface Server extends NetServer {
    readonly sessions: readonly Session[];
  }

  /** Dials at once; emits `connect`. */
  export function connect(options: { readonly host: string; readonly port: number }): Session;
  export function createServer(onSession: (session: Session) => void): Server;
}
