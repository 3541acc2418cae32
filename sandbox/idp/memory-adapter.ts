import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  readonly payload: AdapterPayload;
  /** Real time, epoch ms. */
  readonly until: number;
}

/** What the identity provider keeps, in memory and until it has run out. One store for all its models. */
export function memoryAdapters(realNow: () => number): (model: string) => Adapter {
  const kept = new Map<string, Kept>();
  const grants = new Map<string, Set<string>>();

  function found(key: string): AdapterPayload | undefined {
    const one = kept.get(key);
    if (one !== undefined && one.until > realNow()) return one.payload;
    kept.delete(key);
    return undefined;
  }

  return (model) => {
    const keyOf = (id: string): string => `${model}|${id}`;
    const by = (name: 'uid' | 'userCode', value: string): AdapterPayload | undefined => {
      for (const key of kept.keys()) {
        if (key.startsWith(`${model}|`) && kept.get(key)?.payload[name] === value) return found(key);
      }
      return undefined;
    };
    return {
      async upsert(id, payload, expiresIn = 0) {
        for (const [key, { until }] of kept) if (until <= realNow()) kept.delete(key);
        kept.set(keyOf(id), { payload, until: realNow() + (expiresIn > 0 ? expiresIn : 3600) * 1000 });
        if (typeof payload.grantId === 'string') {
          grants.set(payload.grantId, (grants.get(payload.grantId) ?? new Set()).add(keyOf(id)));
        }
      },
      find: async (id) => found(keyOf(id)),
      findByUid: async (uid) => by('uid', uid),
      findByUserCode: async (userCode) => by('userCode', userCode),
      async consume(id) {
        const payload = found(keyOf(id));
        if (payload !== undefined) payload.consumed = Math.floor(realNow() / 1000);
      },
      async destroy(id) {
        kept.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const key of grants.get(grantId) ?? []) kept.delete(key);
        grants.delete(grantId);
      },
    };
  };
}
