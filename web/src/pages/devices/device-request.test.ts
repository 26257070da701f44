import { expect, it } from 'vitest';
import { plainRequest } from './device-request.ts';

it('asks for pages by number, and beyond the depth of the list by the token of the page before', () => {
  expect(plainRequest('a1BCDEFGHIJ', 200, undefined)).toEqual({
    ProductKey: 'a1BCDEFGHIJ',
    CurrentPage: 200,
    PageSize: 50,
  });
  expect(plainRequest('a1BCDEFGHIJ', 20_001, 'token')).toEqual({
    ProductKey: 'a1BCDEFGHIJ',
    CurrentPage: 1,
    PageSize: 50,
    NextToken: 'token',
  });
});
