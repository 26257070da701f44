import { type ErrorEntry, errors } from '../contract/errors.ts';
import { codeOf, type Failure, textOf } from '../domain/failure.ts';
import { encodeJson, encodeXml, type Tree } from '../wire/response.ts';
import type { Format } from './call.ts';

/** What goes back over HTTP. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Extra response headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

// exactly these texts: the Node SDK reads XML only under this one (openapi-gateway 6.1)
export const contentTypes = { json: 'application/json;charset=utf-8', xml: 'text/xml;charset=utf-8' } as const;

function encode(format: Format, status: number, root: string, tree: Tree): Answer {
  return {
    status,
    contentType: contentTypes[format],
    body: format === 'json' ? encodeJson(tree) : encodeXml(root, tree),
  };
}

export function success(format: Format, action: string, requestId: string, members: Tree): Answer {
  // Code stays away on success: the legacy Node client throws on one (openapi-ota 1.6)
  return encode(format, 200, `${action}Response`, { RequestId: requestId, Success: true, ...members });
}

/** The `Code` without what the caller brought into it: one of a closed set, for counting. */
export const codeFamilyOf = ({ key }: Pick<Failure, 'key'>): string => errors[key].code.replace(/\{\w+\}/g, '');

/**
 * A refusal in the shape of its layer (openapi-gateway 6).
 * @param action name for the XML root of the operation's own refusals
 * @param host as called; echoed by the gateway's refusals
 */
export function refusal(
  format: Format,
  failure: Pick<Failure, 'key' | 'details'>,
  { requestId, action, host }: { readonly requestId: string; readonly action: string; readonly host: string },
): Answer {
  const entry: ErrorEntry = errors[failure.key];
  const code = codeOf(failure);
  const message = textOf(failure);
  if (entry.layer === 'iot') {
    const tree = { RequestId: requestId, Success: false, Code: code, ErrorMessage: message };
    return encode(format, entry.status, `${action}Response`, tree);
  }
  const tree = { RequestId: requestId, HostId: host, Code: code, Message: message, Recommend: '' };
  return encode(format, entry.status, 'Error', tree);
}
