interface Waiting<T, R> {
  readonly item: T;
  readonly done: (result: R) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Does one by one what costs little more when it is done for many at once (a transaction): what comes while a group is
 * under way makes up the next, of at most `most`. `work` gives as many results as it got items, in their order. A group
 * that fails is tried again one by one: an item that cannot be done must not hold up the others.
 */
export function makeGroups<T, R>(
  work: (items: readonly T[]) => Promise<readonly R[]>,
  most: number,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let busy = false;

  async function run(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await work(group.map((one) => one.item));
      group.forEach((one, i) => {
        one.done(results[i] as R);
      });
    } catch (error) {
      if (group.length > 1) for (const one of group) await run([one]);
      else group[0]?.failed(error);
    }
  }

  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      if (busy) return;
      busy = true;
      (async () => {
        while (waiting.length > 0) await run(waiting.splice(0, most));
        busy = false;
      })();
    });
}
