/** The API lists no more devices at a time. */
export const PAGE_SIZE = 50;

/** How QueryDevice is asked for a page. */
export const plainRequest = (productKey: string, page: number, token: string | undefined, size = PAGE_SIZE) => ({
  ProductKey: productKey,
  // the token says where to read on; a page number beyond the depth would be refused
  ...(token ? { CurrentPage: 1, NextToken: token } : { CurrentPage: page }),
  PageSize: size,
});
