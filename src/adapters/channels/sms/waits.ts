/** Real milliseconds, or less when the signal comes first. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** The promise's value, or undefined when the signal comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

export interface Slots {
  /** False when aborted before a slot was free. */
  take(signal: AbortSignal): Promise<boolean>;
  give(): void;
  /** Resolves once none is taken. */
  free(): Promise<void>;
}

/** The window: so many at a time, first come first served. */
export function makeSlots(size: number): Slots {
  const queue: (() => void)[] = [];
  let taken = 0;
  let whenFree: (() => void)[] = [];

  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(false);
      if (taken < size) {
        taken += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const onAbort = (): void => {
          queue.splice(queue.indexOf(turn), 1);
          resolve(false);
        };
        const turn = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve(true);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(turn);
      });
    },
    give() {
      const next = queue.shift();
      if (next !== undefined) return next();
      taken -= 1;
      if (taken > 0) return;
      for (const tell of whenFree) tell();
      whenFree = [];
    },
    free: () => (taken === 0 ? Promise.resolve() : new Promise((resolve) => whenFree.push(resolve))),
  };
}
