import type { CivilDate } from '../../kernel/civil-date.ts';

export interface DemoOptions {
  readonly debts: number;
  readonly days: number;
  readonly seed: string;
  readonly start: CivilDate;
  readonly port: number;
}

/** What happens, for whoever shows it; nothing here is needed for the result. */
export interface DemoEvents {
  step(title: string, detail: string): void;
  day(progress: DayProgress, days: number): void;
}

export interface DayProgress {
  readonly day: number;
  readonly at: number;
  readonly mails: number;
  readonly sms: number;
  readonly paid: number;
  readonly paidCents: number;
  readonly disputed: number;
  readonly notMe: number;
  readonly optedOut: number;
}
