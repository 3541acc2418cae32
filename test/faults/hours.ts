/** When a channel may be used, in Rome, as the rules of a new body have it; the harness keeps its own copy. */
export const CONTACT_HOURS = { email: [8, 20], sms: [9, 19] } as const;

const romeHour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone: 'Europe/Rome' });

export function inHours([from, to]: readonly [number, number], at: number): boolean {
  const hour = Number(romeHour.format(at));
  return hour >= from && hour < to;
}
