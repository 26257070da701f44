/**
 * Why tasks fail. UPDATE, DOWNLOAD, VERIFICATION and FLASHING: the device reported -1, -2, -3 or -4. TIMEOUT: it took longer
 * than its job allows. VERSION: it came back with a version that is neither the old nor the new one. BUSY: it had an
 * unfinished task of another job when its own was made. OTHER: it failed before causes were kept.
 */
export const failureCauses = [
  'UPDATE',
  'DOWNLOAD',
  'VERIFICATION',
  'FLASHING',
  'TIMEOUT',
  'VERSION',
  'BUSY',
  'OTHER',
] as const;

export type FailureCause = (typeof failureCauses)[number];
