import { beforeEach, describe, expect, it } from 'vitest';
import { type Page, pacePolling } from './progress.ts';

/** A document of one element; `ask` rings as htmx does and says whether the question was asked. */
class FakePage extends EventTarget implements Page {
  hidden = false;
  readonly live = Object.assign(new EventTarget(), { dataset: { mark: 'a' } as { mark?: string } });
  asked = 0;
  getElementById(id: string) {
    return id === 'live' ? this.live : null;
  }
  ring(target: EventTarget = this.live): boolean {
    const event = new CustomEvent('every');
    let stopped = false;
    Object.defineProperty(event, 'target', { value: target });
    event.stopImmediatePropagation = () => {
      stopped = true;
    };
    this.dispatchEvent(event);
    return !stopped;
  }
}

let page: FakePage;
beforeEach(() => {
  page = new FakePage();
  page.live.addEventListener('every', () => {
    page.asked += 1;
  });
  pacePolling(page, 'live');
});

/** Which of the next rings were let through, from 1. */
function letThrough(rings: number, before: (n: number) => void = () => {}): number[] {
  return Array.from({ length: rings }, (_, i) => i + 1).filter((n) => {
    before(n);
    return page.ring();
  });
}

describe('the pace of the progress page', () => {
  it('asks every time while something moves', () => {
    expect(
      letThrough(6, (n) => {
        page.live.dataset.mark = `${n}`;
      }),
    ).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('asks less and less while nothing does, at least once a minute, and anew once it moves', () => {
    expect(letThrough(52)).toEqual([1, 2, 4, 8, 16, 28, 40, 52]);
    page.live.dataset.mark = 'b';
    // The change is seen with the next answer.
    expect(letThrough(14)).toEqual([12, 13]);
  });

  it('asks nothing while nobody looks, and at once when somebody does', () => {
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
    expect(letThrough(30)).toEqual([]);
    expect(page.asked).toBe(0);
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    expect(page.asked).toBe(1);
    expect(letThrough(1)).toEqual([1]);
  });

  it('leaves other elements alone', () => {
    for (let n = 0; n < 5; n += 1) expect(page.ring(new EventTarget())).toBe(true);
    expect(letThrough(1)).toEqual([1]);
  });
});
