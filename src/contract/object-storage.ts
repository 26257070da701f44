/** The bucket that uploads and downloads pretend to be in; part of what a download URL signs (storage-and-events 2.3). */
export const BUCKET = 'iotx-ota';

interface ObjectError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const error = (status: number, code: string, message: string): ObjectError => ({ status, code, message });

/** Every refusal of the upload and the download address (storage-and-events 1.8 and 2.3). `{Detail}` is filled in. */
export const objectErrors = {
  notMultipart: error(
    400,
    'RequestIsNotMultiPartContent',
    'Bucket POST must be of the enclosure-type multipart/form-data.',
  ),
  malformedForm: error(
    400,
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  ),
  fieldTooLong: error(400, 'FieldItemTooLong', 'A form field exceeds the maximum allowed length.'),
  fieldsTooLong: error(
    400,
    'MaxPOSTPreDataLengthExceededError',
    'Your POST request fields preceding the upload file were too large.',
  ),
  keyMissing: error(
    400,
    'InvalidArgument',
    "The bucket POST must contain the specified 'key'. If it is specified, please check the order of the fields",
  ),
  accessKeyIdEmpty: error(400, 'InvalidArgument', 'Post request accessKeyId is empty'),
  signatureEmpty: error(400, 'InvalidArgument', 'Post request signature is empty'),
  policyEmpty: error(400, 'InvalidArgument', 'Post request policy is empty'),
  badPolicy: error(400, 'InvalidPolicyDocument', 'The content of the form does not meet the policy document format.'),
  fileCount: error(400, 'IncorrectNumberOfFilesInPOSTRequest', 'POST requires exactly one file upload per request.'),
  tooSmall: error(400, 'EntityTooSmall', 'Your proposed upload smaller than the minimum allowed size.'),
  tooLarge: error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.'),
  anonymous: error(403, 'AccessDenied', 'You have no right to access this object because of bucket acl.'),
  unknownAccessKey: error(
    403,
    'InvalidAccessKeyId',
    'The OSS Access Key Id you provided does not exist in our records.',
  ),
  badSignature: error(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ),
  policyExpired: error(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.'),
  conditionFailed: error(403, 'AccessDenied', '{Detail}'),
  fileExists: error(409, 'FileAlreadyExists', 'The object you specified already exists and can not be overwritten.'),
  queryIncomplete: error(
    403,
    'AccessDenied',
    'Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters',
  ),
  badExpiry: error(403, 'AccessDenied', 'Invalid date (should be seconds since epoch)'),
  urlExpired: error(403, 'AccessDenied', 'Request has expired.'),
  notFound: error(404, 'NoSuchKey', 'The specified key does not exist.'),
  badRange: error(416, 'InvalidRange', 'The requested range cannot be satisfied.'),
  busy: error(503, 'ServiceUnavailable', 'Please reduce your request rate.'),
  internal: error(500, 'InternalError', 'Please contact the server administrator.'),
} as const satisfies Record<string, ObjectError>;

export type ObjectErrorKey = keyof typeof objectErrors;
