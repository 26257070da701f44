import { texts } from '../../i18n/texts.ts';

export const signInTexts = texts({
  en: {
    title: 'Sign in to Otaru',
    claim: 'Firmware updates for your fleet, on your own server.',
    ended: 'Your session has ended. Please sign in again.',
    with: 'Sign in with',
    password: 'User and password',
    key: 'AccessKey',
    userName: 'User name',
    userPassword: 'Password',
    accessKeyId: 'AccessKey ID',
    accessKeySecret: 'AccessKey secret',
    submit: 'Sign in',
    submitting: 'Signing in…',
    hintKey: 'The first start of the server shows an AccessKey once. Lost it? Make another on the server:',
    hintPassword:
      'Users are created under “Settings”, by somebody who may. The account itself signs in as root, with a password that is set on the server:',
    refused: {
      key: 'The AccessKey ID or the AccessKey secret is wrong, or the key is disabled.',
      password: 'The user name or the password is wrong, or the user is disabled.',
    },
  },
  zh: {
    title: '登录 Otaru',
    claim: '在您自己的服务器上为设备升级固件。',
    ended: '会话已结束，请重新登录。',
    with: '登录方式',
    password: '用户名和密码',
    key: 'AccessKey',
    userName: '用户名',
    userPassword: '密码',
    accessKeyId: 'AccessKey ID',
    accessKeySecret: 'AccessKey Secret',
    submit: '登录',
    submitting: '正在登录…',
    hintKey: '服务器首次启动时会显示一次 AccessKey。若已丢失，请在服务器上新建：',
    hintPassword: '用户由管理员在“设置”中创建。主账号以 root 登录，其密码在服务器上设置：',
    refused: {
      key: 'AccessKey ID 或 AccessKey Secret 不正确，或该 AccessKey 已被禁用。',
      password: '用户名或密码不正确，或该用户已被禁用。',
    },
  },
});
