import { texts } from '../i18n/texts.ts';

export const shellTexts = texts({
  en: {
    skip: 'Skip to the content',
    menu: 'Menu',
    navigation: 'Pages',
    places: {
      overview: 'Overview',
      products: 'Products',
      devices: 'Devices',
      groups: 'Groups',
      packages: 'Packages',
      jobs: 'Jobs',
      events: 'Events',
      settings: 'Settings',
    },
    language: 'Language',
    theme: 'Appearance',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    signOut: 'Sign out',
    notFound: 'There is no such page.',
    home: 'To the overview',
    away: 'The server does not answer. What is shown here is what it said last.',
    nothing: 'Your policy permits none of these pages. Ask whoever manages the account.',
  },
  zh: {
    skip: '跳到正文',
    menu: '菜单',
    navigation: '页面',
    places: {
      overview: '概览',
      products: '产品',
      devices: '设备',
      groups: '设备分组',
      packages: '升级包',
      jobs: '升级批次',
      events: '事件',
      settings: '设置',
    },
    language: '语言',
    theme: '外观',
    themes: { system: '跟随系统', light: '浅色', dark: '深色' },
    signOut: '退出登录',
    notFound: '没有这个页面。',
    home: '返回概览',
    away: '服务器没有响应，当前显示的是最后一次获取的内容。',
    nothing: '您的权限策略不允许访问任何页面，请联系账号管理员。',
  },
});

export type ShellTexts = (typeof shellTexts)['en'];
