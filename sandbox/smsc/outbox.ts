import { PDU, type Session } from 'smpp';

type Fields = Readonly<Record<string, unknown>>;

/** What the SMSC has for the other side: kept until it is acknowledged, over any number of lines. */
export interface Outbox {
  /** Hands over a deliver_sm; resolves once it is acknowledged or given up. */
  deliver(fields: Fields): Promise<void>;
  attach(session: Session): void;
  detach(session: Session): void;
  /** Not yet acknowledged. */
  pending(): number;
  givenUp(): number;
  clear(): void;
}

interface Item {
  readonly fields: Fields;
  readonly done: () => void;
  tries: number;
  /** On which line it waits for its answer. */
  on: Session | null;
}

const RETRY_MS = 100;
const MAX_TRIES = 50;

export function makeOutbox(): Outbox {
  const items = new Set<Item>();
  const sessions = new Set<Session>();
  let givenUp = 0;

  function finish(item: Item): void {
    items.delete(item);
    item.done();
  }

  function push(item: Item): void {
    const [session] = sessions;
    if (session === undefined || item.on !== null || !items.has(item)) return;
    item.on = session;
    item.tries += 1;
    const sent = session.send(new PDU('deliver_sm', item.fields), (answer) => {
      if (item.on !== session) return;
      item.on = null;
      if (answer.command_status === 0) return finish(item);
      if (item.tries < MAX_TRIES) return void setTimeout(() => push(item), RETRY_MS).unref();
      givenUp += 1;
      finish(item);
    });
    if (!sent) item.on = null;
  }

  return {
    deliver: (fields) =>
      new Promise((done) => {
        const item: Item = { fields, done, tries: 0, on: null };
        items.add(item);
        push(item);
      }),
    attach(session) {
      sessions.add(session);
      for (const item of [...items]) push(item);
    },
    detach(session) {
      sessions.delete(session);
      for (const item of [...items]) {
        if (item.on !== session) continue;
        item.on = null;
        push(item);
      }
    },
    pending: () => items.size,
    givenUp: () => givenUp,
    clear() {
      for (const item of [...items]) finish(item);
      givenUp = 0;
    },
  };
}
