import type { Channel } from '../../modules/deliveries/index.ts';

/** The same channel with another `send`; adapters keep their state in `this`, so each call goes to the channel itself. */
export function withSend(channel: Channel, send: Channel['send']): Channel {
  const query = channel.query?.bind(channel);
  return {
    kind: channel.kind,
    provider: channel.provider,
    capabilities: channel.capabilities,
    send,
    parseSignal: (raw) => channel.parseSignal(raw),
    ...(query === undefined ? {} : { query }),
    health: () => channel.health(),
    close: () => channel.close(),
  };
}
