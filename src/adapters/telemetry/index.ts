export { makeChannelObserver } from './observe-channel.ts';
export { type DeliveryTraces, type TraceDeps, traceDeliveries } from './trace-deliveries.ts';
