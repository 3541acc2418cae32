export { type EmailChannelOptions, makeEmailChannel } from './email-channel.ts';
export { startInboundMail } from './inbound.ts';
