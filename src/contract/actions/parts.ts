import { int, required, text } from '../schema.ts';

/** Every operation takes it (openapi-gateway 9). */
export const instance = { IotInstanceId: text('ID of the instance; left out for the public instance.') };

/** The paging members of an answer, at its top level (openapi-ota 3.3). */
export const pagingAnswer = {
  CurrentPage: required(int('Echo.')),
  PageSize: required(int('Echo.')),
  PageCount: required(int('Number of pages.')),
  Total: required(int('Number of rows in all.')),
};

/** What is wrong with a device search, or with the rule of a group (openapi-gateway 10). */
export const searchErrors = [
  'search.syntax',
  'search.condition',
  'search.field',
  'search.operator',
  'search.order',
  'search.offset',
  'search.parameter',
] as const;
