import { CodedError } from './errors.ts';

export interface Transition<S extends string, E extends string> {
  readonly from: S;
  readonly event: E;
  readonly to: S;
}

export interface StateMachine<S extends string, E extends string> {
  readonly name: string;
  readonly initial: S;
  /** Every state, in order of first appearance from `initial`. */
  readonly states: readonly S[];
  readonly events: readonly E[];
  readonly transitions: readonly Transition<S, E>[];
  /** The state after `event`, or null when it is not allowed in `from`. */
  next(from: S, event: E): S | null;
  /** States in which `event` is allowed: the `where state in (...)` of its UPDATE. */
  sources(event: E): S[];
  /** The one state `event` leads to; throws MACHINE_SPLIT_EVENT when it depends on the source. */
  target(event: E): S;
  /** Nothing leaves this state. */
  terminal(s: S): boolean;
  /** Mermaid `stateDiagram-v2`, for docs/states/. */
  toMermaid(): string;
}

/**
 * Builds a machine from its rows, the only description of what may follow what. Throws at definition: MACHINE_AMBIGUOUS
 * when (from, event) comes twice, MACHINE_UNREACHABLE when a state cannot be reached from `initial`.
 */
export function defineMachine<const S extends string, const E extends string>(definition: {
  readonly name: string;
  readonly initial: NoInfer<S>;
  readonly transitions: readonly Transition<S, E>[];
}): StateMachine<S, E> {
  const { name, initial, transitions } = definition;
  const table = new Map<S, Map<E, S>>();
  for (const { from, event, to } of transitions) {
    const row = table.get(from) ?? new Map<E, S>();
    if (row.has(event)) {
      throw new CodedError('MACHINE_AMBIGUOUS', `${name}: two rows for ${from} + ${event}`, { name, from, event });
    }
    table.set(from, row.set(event, to));
  }
  const states = [...new Set<S>([initial, ...transitions.flatMap(({ from, to }) => [from, to])])];
  const events = [...new Set<E>(transitions.map(({ event }) => event))];
  const reached = new Set<S>([initial]);
  // A Set yields what is added while it is walked, so this visits everything reachable.
  for (const state of reached) for (const to of table.get(state)?.values() ?? []) reached.add(to);
  const lost = states.filter((state) => !reached.has(state));
  if (lost.length > 0) {
    throw new CodedError('MACHINE_UNREACHABLE', `${name}: cannot reach ${lost.join(', ')} from ${initial}`, { name });
  }

  const terminal = (s: S): boolean => !table.has(s);
  return {
    name,
    initial,
    states,
    events,
    transitions,
    next: (from, event) => table.get(from)?.get(event) ?? null,
    sources: (event) => transitions.filter((row) => row.event === event).map((row) => row.from),
    target(event) {
      const [only, ...others] = new Set(transitions.filter((row) => row.event === event).map((row) => row.to));
      if (only === undefined || others.length > 0) {
        throw new CodedError('MACHINE_SPLIT_EVENT', `${name}: ${event} has no single target`, { name, event });
      }
      return only;
    },
    terminal,
    toMermaid: () =>
      [
        '---',
        `title: ${name}`,
        '---',
        'stateDiagram-v2',
        `  [*] --> ${initial}`,
        ...transitions.map(({ from, event, to }) => `  ${from} --> ${to}: ${event}`),
        ...states.filter(terminal).map((state) => `  ${state} --> [*]`),
        '',
      ].join('\n'),
  };
}
