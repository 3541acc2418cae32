import { finish, type Outcome } from './finish.ts';
import { importFile, pay, runCampaign, untilQuiet } from './user.ts';
import { openWorld, type WorldOptions } from './world.ts';

/**
 * The race that decides (architecture §3.10): the receipts of everybody arrive while the mail host looks at the first
 * recipient, before it answers for him. From their 2xx on nobody is written to but those whose messages are on the wire,
 * one micro-batch.
 */
export async function receiptsInsideRcpt(options: WorldOptions, perSecond: number): Promise<Outcome> {
  const world = await openWorld({ ...options, perSecond });
  const payers = world.town.people.filter(({ email, phone }) => (email ?? phone) !== null);
  let paying: Promise<unknown> | null = null;
  try {
    world.hosts.weather.mail = async (stage) => {
      if (stage !== 'rcpt') return null;
      paying ??= Promise.all(payers.map((person) => pay(world, person)));
      await paying;
      return null;
    };
    await importFile(world);
    await runCampaign(world);
    await untilQuiet(world);
    const outcome = await finish(world);
    const { heard, paid } = outcome.evidence;
    const broken = [
      ...(paid.length === payers.length ? [] : [`race: ${paid.length} of ${payers.length} paid`]),
      ...(heard.length > 0 && heard.length <= perSecond
        ? []
        : [`race: ${heard.length} messages left around the receipts, ${perSecond} may be on the wire`]),
    ];
    // The host kept them waiting longer than the bound of every other story: here the number is the sharper one.
    const others = outcome.broken.filter((what) => !what.startsWith('holds: '));
    return { ...outcome, checks: outcome.checks + 2, broken: [...others, ...broken] };
  } finally {
    await world.close();
  }
}
