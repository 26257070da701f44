import { type Story, tellStory } from './story.ts';
import { tellOfAccount } from './story-account.ts';
import { tellOfDeviceHistory } from './story-device-history.ts';
import { tellOfSearches } from './story-search.ts';
import { tellOfWebhooks } from './story-webhooks.ts';

/** What is told of extensions has a world of its own, so that what is added to it leaves the bytes of the rest alone. */
export const stories: Readonly<Record<string, Story>> = {
  updates: tellStory,
  webhooks: tellOfWebhooks,
  account: tellOfAccount,
  'device history': tellOfDeviceHistory,
  'device search': tellOfSearches,
};
