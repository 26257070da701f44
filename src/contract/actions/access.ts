import { action } from '../action.ts';
import { bool, int, object, required, text, wrapped } from '../schema.ts';
import { instance, pagingAnswer } from './parts.ts';

const own = { family: 'access', extension: true, service: 'otaru' } as const;

const userId = { UserId: required(text('ID of the user.')) };
/** `AccessKeyId` is whose signature a call carries; the vendor's own API for keys calls the other one so, too. */
const accessKeyId = { UserAccessKeyId: required(text('ID of the AccessKey.')) };
const paging = {
  CurrentPage: required(int('Page, from 1 on.')),
  PageSize: required(int('Rows on a page, at most 100.')),
};
const policy = text('Policy document (JSON), at most 6,144 characters. Without one the user may do nothing.');
const password = text('Password for the console, 10 to 128 characters. Send it in the body, not in the address.');

const userErrors = ['access.userNotFound', 'access.beyondOwnRights'] as const;
const keyErrors = ['access.keyNotFound', 'access.beyondOwnRights', 'access.lastWayIn'] as const;

/** Users of an account and AccessKeys: who may do what. The instance that a call names does not matter. */
export const accessActions = [
  action({
    ...own,
    name: 'ListUsers',
    summary: 'Lists the users of the account by name.',
    qps: 20,
    changes: false,
    request: { ...instance, ...paging },
    response: {
      ...pagingAnswer,
      Data: required(
        wrapped(
          'User',
          object({
            UserId: required(text('ID.')),
            UserName: required(text('Name.')),
            Policy: required(text('Policy document; empty: none.')),
            HasPassword: required(bool('Whether the user has a password to sign in to the console with.')),
            Status: required(text('`Active` or `Inactive`.')),
            CreateTime: required(text('Time of creation, UTC.')),
          }),
        ),
      ),
    },
    errors: ['common.invalidPage'],
  }),
  action({
    ...own,
    name: 'CreateUser',
    summary: 'Makes a user, who has no AccessKey yet.',
    qps: 5,
    changes: ['UserName', 'Policy'],
    request: {
      ...instance,
      UserName: required(text('1-64 letters, digits and `.-_`, unique in the account; not `root`.')),
      Policy: policy,
      Password: password,
    },
    response: { UserId: required(text('ID of the user.')) },
    errors: [
      'access.invalidUserName',
      'access.invalidPolicy',
      'access.invalidPassword',
      'access.beyondOwnRights',
      'access.userCountExceeded',
      'access.userNameTaken',
    ],
  }),
  action({
    ...own,
    name: 'UpdateUser',
    summary:
      'Changes a user; what is left out stays. Another password ends the sessions of the one before. Of a user who is not active no AccessKey and no password is accepted, and all sessions end.',
    qps: 5,
    changes: ['UserId', 'NewUserName', 'Policy', 'RemovePolicy', 'RemovePassword', 'Status'],
    request: {
      ...instance,
      ...userId,
      NewUserName: text('Another name.'),
      Policy: policy,
      RemovePolicy: bool('True: the user has no policy any more.'),
      Password: password,
      RemovePassword: bool('True: the user has no password any more.'),
      Status: text('`Inactive`: the user can do nothing from now on. `Active`: as before.'),
    },
    response: {},
    errors: [
      ...userErrors,
      'access.invalidUserName',
      'access.invalidPolicy',
      'access.invalidPassword',
      'access.invalidStatus',
      'access.userNameTaken',
    ],
  }),
  action({
    ...own,
    name: 'DeleteUser',
    summary: 'Deletes a user with all its AccessKeys; its sessions in the console end.',
    qps: 5,
    changes: ['UserId'],
    request: { ...instance, ...userId },
    response: {},
    errors: userErrors,
  }),
  action({
    ...own,
    name: 'ListAccessKeys',
    summary: 'Lists the AccessKeys of the account and of its users, or of one user, the oldest first.',
    qps: 20,
    changes: false,
    request: { ...instance, ...paging, UserId: text('Only those of this user.') },
    response: {
      ...pagingAnswer,
      Data: required(
        wrapped(
          'AccessKey',
          object({
            AccessKeyId: required(text('ID.')),
            UserId: text('Whose it is; left out for the account itself.'),
            UserName: text('The name of that user.'),
            UserStatus: text('`Inactive`: the user is not active, and so the key is not accepted. `Active` otherwise.'),
            Status: required(text('`Active` or `Inactive`.')),
            CreateTime: required(text('Time of creation, UTC.')),
          }),
        ),
      ),
    },
    errors: ['common.invalidPage', 'access.userNotFound'],
  }),
  action({
    ...own,
    name: 'CreateAccessKey',
    summary: 'Makes an AccessKey. Its secret is shown only here.',
    qps: 5,
    changes: ['UserId'],
    request: { ...instance, UserId: text('Whose it is; left out for the account itself.') },
    response: {
      AccessKeyId: required(text('ID.')),
      AccessKeySecret: required(text('Secret.')),
    },
    errors: [...userErrors, 'access.keyCountExceeded'],
  }),
  action({
    ...own,
    name: 'UpdateAccessKey',
    summary: 'Refuses an AccessKey from now on, or accepts it again. Sessions opened with one that is refused end.',
    qps: 5,
    changes: ['UserAccessKeyId', 'Status'],
    request: { ...instance, ...accessKeyId, Status: required(text('`Active` or `Inactive`.')) },
    response: {},
    errors: ['access.invalidStatus', ...keyErrors],
  }),
  action({
    ...own,
    name: 'DeleteAccessKey',
    summary: 'Deletes an AccessKey; sessions opened with it end.',
    qps: 5,
    changes: ['UserAccessKeyId'],
    request: { ...instance, ...accessKeyId },
    response: {},
    errors: keyErrors,
  }),
] as const;
