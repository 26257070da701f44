/** Tasks of a block share one counter per status (architecture 3). */
export const TASKS_OF_BLOCK = 1024;
