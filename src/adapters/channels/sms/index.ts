export type { SmsSource } from './addresses.ts';
export type { DeliveryRef } from './destinations.ts';
export type { SmsRefs } from './inbound.ts';
export type { ReplyKind } from './replies.ts';
export { classifyReply } from './replies.ts';
export type { SmppTimeouts } from './smpp-session.ts';
export { SMPP_TIMEOUTS } from './smpp-session.ts';
export type { SmsChannelOptions } from './sms-channel.ts';
export { MAX_SEGMENTS, makeSmsChannel } from './sms-channel.ts';
