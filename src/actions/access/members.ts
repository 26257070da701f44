/** The status of a user or a key. */
export const statusText = (isActive: boolean): string => (isActive ? 'Active' : 'Inactive');
