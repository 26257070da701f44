import { action } from '../action.ts';
import { int, list, object, required, text, wrapped } from '../schema.ts';
import { instance } from './parts.ts';

const identity = {
  ProductKey: required(text('Product of the module.')),
  ModuleName: required(text('1-64 of letters, digits, `.` `-` `_`; unique in the product, whatever the letter case.')),
};
const identityErrors = [
  'product.nullKey',
  'product.malformedKey',
  'product.notFound',
  'ota.nullModuleName',
  'ota.malformedModuleName',
] as const;

export const moduleActions = [
  action({
    name: 'CreateOTAModule',
    family: 'module',
    summary: 'Makes a module: a part of a device that has a version of its own.',
    qps: 10,
    changes: ['ProductKey', 'ModuleName'],
    request: {
      ...identity,
      AliasName: text('1-64 Chinese characters, letters, digits, `.` `-` `_`.'),
      Desc: text('At most 100 characters.'),
      ...instance,
    },
    response: {},
    errors: [
      ...identityErrors,
      'module.nameTaken',
      'module.malformedAlias',
      'module.longDescription',
      'module.countExceeded',
      'common.invalidParameter',
    ],
  }),
  action({
    name: 'UpdateOTAModule',
    family: 'module',
    summary: 'Changes alias and description of a module. What is left out stays.',
    qps: 10,
    changes: ['ProductKey', 'ModuleName'],
    request: {
      ...identity,
      AliasName: text('The new alias; empty for none.'),
      Desc: text('The new description; empty for none.'),
      ...instance,
    },
    response: {},
    errors: [
      ...identityErrors,
      'module.notFound',
      'module.malformedAlias',
      'module.longDescription',
      'module.builtIn',
      'common.invalidParameter',
    ],
  }),
  action({
    name: 'DeleteOTAModule',
    family: 'module',
    summary: 'Deletes a module that has no packages.',
    qps: 10,
    changes: ['ProductKey', 'ModuleName'],
    request: { ...identity, ...instance },
    response: {},
    errors: [...identityErrors, 'module.notFound', 'module.inUse', 'module.builtIn'],
  }),
  action({
    name: 'ListOTAModuleByProduct',
    family: 'module',
    summary: 'Lists the modules of a product, oldest first, without the built-in `default`.',
    qps: 10,
    changes: false,
    request: { ProductKey: required(text('Product.')), ...instance },
    response: {
      // a bare array, as few lists are (openapi-ota 1.7)
      Data: required(
        list(
          object({
            ProductKey: required(text('Echo.')),
            ModuleName: required(text('Name.')),
            AliasName: required(text('Alias; empty for none.')),
            Desc: required(text('Description; empty for none.')),
            GmtCreate: required(text('Time of creation, UTC, without seconds.')),
            GmtModified: required(text('Time of the last change, likewise.')),
          }),
          Number.MAX_SAFE_INTEGER,
          'A bare array.',
        ),
      ),
    },
    errors: ['product.nullKey', 'product.malformedKey', 'product.notFound'],
  }),
  action({
    name: 'ListOTAModuleVersionsByDevice',
    family: 'module',
    summary: 'Lists the modules that a device reported a version of, by name.',
    qps: 10,
    changes: false,
    request: {
      IotId: text('ID of the device; wins over ProductKey and DeviceName.'),
      ProductKey: text('Product of the device; with DeviceName, in place of IotId.'),
      DeviceName: text('Name of the device; with ProductKey, in place of IotId.'),
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 200.')),
      ...instance,
    },
    response: {
      CurrentPage: required(int('Echo.')),
      PageSize: required(int('Echo.')),
      PageCount: required(int('Number of pages.')),
      Total: required(int('Number of rows in all.')),
      Data: required(
        wrapped(
          'SimpleOTAModuleInfo',
          object({
            ProductKey: required(text('Product of the device.')),
            DeviceName: required(text('Name of the device.')),
            IotId: required(text('ID of the device.')),
            ModuleName: required(text('Name of the module.')),
            ModuleVersion: required(text('Version last reported.')),
          }),
        ),
      ),
    },
    errors: [
      'common.invalidPage',
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'device.nullName',
      'device.malformedName',
      'device.notFound',
      'device.invalidIotId',
    ],
  }),
] as const;
