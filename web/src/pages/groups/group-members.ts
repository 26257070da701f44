/** Devices that one call puts into a group or takes out of it (openapi-devices 4). */
export const MEMBERS_AT_A_TIME = 200;

/** Actions whose answers change with the members of a group. */
export const memberAnswers = ['QueryDeviceListByDeviceGroup', 'QueryDeviceGroupInfo'] as const;
