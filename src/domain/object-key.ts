const OBJECT_KEY = /^ota\/[0-9a-f]{32}\/ck[0-9a-z]{23}\.[a-z.]{1,8}$/;

/** Whether `key` has the form of the object names that uploads get; another text needs no look into the database. */
export const isObjectKey = (key: string): boolean => OBJECT_KEY.test(key);
