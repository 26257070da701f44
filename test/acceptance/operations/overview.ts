import { type Operation, page } from './operation.ts';

const noPage = { refused: () => ({ ...page, PageSize: 101 }), code: 'iot.common.InvalidPageParams' };

/** Extensions, which no SDK of the vendor has. */
export const overviewOperations: readonly Operation[] = [
  { action: 'ListOTAJob', good: () => ({ ...page, JobStatus: ['IN_PROGRESS', 'PLANNED'] }), same: true, ...noPage },
];
