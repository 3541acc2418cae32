import type { Bonario } from '../src/compose.ts';
import { openOidcSession } from '../src/modules/conversations/access.store.ts';
import type { Tx } from '../src/platform/db/index.ts';
import { ENTE } from './console-ground.ts';
import type { BenchDatabase } from './database.ts';

/** The cookies of so many people who signed in: those with most positions. */
export async function signedIn(program: Bonario, database: BenchDatabase, people: number): Promise<string[]> {
  const found = await database.owner(
    'select debtor_id from debt where ente_id = $1 group by 1 order by count(*) desc, 1 limit $2',
    [ENTE, people],
  );
  const vault = program.vaultOf(ENTE);
  const cookies: string[] = [];
  for (const { debtor_id } of found) {
    const debtor = String(debtor_id);
    const open = (tx: Tx) => openOidcSession(tx, vault, debtor, null, program.realNow());
    cookies.push(`bonario_sessione=${await program.db.tenant(ENTE, open)}`);
  }
  return cookies;
}
