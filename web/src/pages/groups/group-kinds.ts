export const groupKinds = ['static', 'dynamic'] as const;
export type GroupKind = (typeof groupKinds)[number];

/** As the API calls them. */
export const groupTypes: Readonly<Record<GroupKind, string>> = {
  static: 'LINK_PLATFORM',
  dynamic: 'LINK_PLATFORM_DYNAMIC',
};

export const kindOf = (groupType: string): GroupKind => (groupType === groupTypes.dynamic ? 'dynamic' : 'static');

/** Rules to begin with. */
export const ruleExamples = [
  'product_key = "a1BCDEFGHIJ" AND ota_module.name = "default" AND ota_module.version = "1.0.0"',
  'tag.tag_name = "site" AND tag.tag_value = "harbour" AND status = "ONLINE"',
  'name LIKE "lamp%"',
] as const;
