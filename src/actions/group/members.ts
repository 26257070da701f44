import type { Group } from '../../domain/groups.ts';
import { utcText } from '../../wire/time.ts';

/** What most operations tell of a group. */
export const groupMembers = (group: Group) => ({
  GroupId: group.id,
  GroupName: group.name,
  GroupDesc: group.description,
  UtcCreate: utcText(group.createdAt),
});

/** What the lists of groups tell. */
export const typedGroupMembers = (group: Group) => ({
  GroupId: group.id,
  GroupName: group.name,
  GroupDesc: group.description,
  GroupType: group.type,
  UtcCreate: utcText(group.createdAt),
});
