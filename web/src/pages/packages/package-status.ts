/** Whether a package may be rolled out (openapi-ota 5.1). */
export const packageStatus = { exempt: -1, unverified: 0, verified: 1, verifying: 2, failed: 3 } as const;

interface WithStatus {
  readonly Status: number;
}

/** Whether a package may be rolled out: it is verified, or needs no verification. */
export const isReady = ({ Status }: WithStatus): boolean =>
  Status === packageStatus.verified || Status === packageStatus.exempt;

/** Whether a package can be verified: it has to be, and is not already. */
export const isVerifiable = ({ Status }: WithStatus): boolean =>
  Status === packageStatus.unverified || Status === packageStatus.failed;
