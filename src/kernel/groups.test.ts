import { describe, expect, it } from 'vitest';
import { makeGroups } from './groups.ts';

/** Groups that end when they are told to, and what was in each. */
function slowGroups(most: number) {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  const take = makeGroups(async (items: readonly string[]) => {
    groups.push([...items]);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (items.some((item) => item.startsWith('bad'))) throw new Error(items.join());
    return items.map((item) => item.toUpperCase());
  }, most);
  const endAll = async () => {
    for (let idle = 0; idle < 20; idle += 1) {
      if (ends.length > 0) idle = 0;
      ends.shift()?.();
      await Promise.resolve();
    }
  };
  return { groups, take, endAll };
}

describe('groups', () => {
  it('gather what comes while one is under way, so many at most, and answer each its own', async () => {
    const { groups, take, endAll } = slowGroups(3);
    const answers = Promise.all(['a', 'b', 'c', 'd', 'e'].map(take));
    await endAll();
    expect(await answers).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(groups).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
  });

  it('that fail are done one by one: only who cannot be done is told so', async () => {
    const { groups, take, endAll } = slowGroups(10);
    const answers = Promise.allSettled(['a', 'b', 'bad', 'c'].map(take));
    await endAll();
    expect((await answers).map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(groups).toEqual([['a'], ['b', 'bad', 'c'], ['b'], ['bad'], ['c']]);
    const later = take('d');
    await endAll();
    expect(await later).toBe('D');
  });
});
