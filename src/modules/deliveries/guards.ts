/**
 * The guards that keep harm from people. They are always on: `ALL_GUARDS` is the only value the program uses. The
 * mutant tests hand in a copy with one of them off, through `compose(config, { guards })`, and see the matching counter of the
 * sandbox leave zero: so we know that the counters can fail.
 */
export interface Guards {
  /** Holds are looked at again when a message is handed over. */
  readonly hold: boolean;
  /** Contacts per person and address over seven days are bounded. */
  readonly ceiling: boolean;
  /** Nothing leaves outside the channel's hours. */
  readonly window: boolean;
  /** Nothing of a debt is shown before identity. */
  readonly identity: boolean;
  /** What may have been accepted is never sent again. */
  readonly atMostOnce: boolean;
}

export const ALL_GUARDS: Guards = { hold: true, ceiling: true, window: true, identity: true, atMostOnce: true };
