/** The little of a browser's document that this needs: the program itself is checked without a browser's types. */
export interface Page extends EventTarget {
  readonly hidden: boolean;
  getElementById(id: string): (EventTarget & { readonly dataset: { readonly mark?: string } }) | null;
}

/** Most of the page's five seconds that are let pass between two questions: one a minute. */
const SLOWEST = 12;

/**
 * Paces the questions of the progress page (ui.md §5.6). htmx rings every five seconds by itself, so the page works
 * without this; here rings are swallowed while nobody looks, and more and more of them while the answers say nothing new
 * (or do not come). A change, or somebody coming back to the page, begins anew. The page itself stops ringing at the end.
 */
export function pacePolling(page: Page, id: string): void {
  let known: string | undefined;
  let pause = 1;
  let passed = 0;
  page.addEventListener(
    'every',
    (ring) => {
      const live = page.getElementById(id);
      if (ring.target !== live) return;
      passed += 1;
      if (page.hidden || passed < pause) {
        ring.stopImmediatePropagation();
        return;
      }
      const mark = live?.dataset.mark;
      pause = known === undefined || mark !== known ? 1 : Math.min(pause * 2, SLOWEST);
      known = mark;
      passed = 0;
    },
    true,
  );
  page.addEventListener('visibilitychange', () => {
    if (page.hidden) return;
    known = undefined;
    pause = 1;
    page.getElementById(id)?.dispatchEvent(new CustomEvent('every'));
  });
}
