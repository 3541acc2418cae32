/** Where a delivery comes from, for its trace: instants in legal time, epoch ms. Read by `insight`, told by an adapter. */
export interface DeliveryLineage {
  readonly deliveryId: string;
  readonly noticeId: string;
  readonly campaignId: string;
  readonly stepNo: number;
  readonly attempt: number;
  /** Whether it is the notice's first message, at whatever step. */
  readonly first: boolean;
  readonly dueAt: number;
  readonly noticeAt: number;
  readonly campaignAt: number | null;
  /** The files its lines came in with; told of the first message alone. */
  readonly imports: readonly { readonly importId: string; readonly at: number }[];
}
