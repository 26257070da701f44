import { action } from '../action.ts';
import { bool, int, long, object, required, text, wrapped } from '../schema.ts';
import { instance } from './parts.ts';

/** Members that every answer about a product has (openapi-devices 2). */
const productMembers = {
  ProductKey: required(text('Key of the product.')),
  ProductName: required(text('Name.')),
  NodeType: required(int('0 device, 1 gateway.')),
  DataFormat: required(int('0 custom, 1 Alink JSON.')),
  AuthType: required(text('How devices prove who they are: secret.')),
  Description: required(text('Description.')),
};

const classification = {
  AliyunCommodityCode: required(text('iothub_senior with a thing model, iothub without.')),
  ProtocolType: required(text('Protocol of sub-devices; empty when none was given.')),
  Id2: required(bool('Always false.')),
};

export const productActions = [
  action({
    name: 'CreateProduct',
    family: 'product',
    summary: 'Creates a product, the type to which devices belong.',
    qps: 50,
    changes: ['ProductName'],
    request: {
      ProductName: required(
        text('4-30 of Chinese characters (each counts 2), letters, digits, `_`; unique in the instance.'),
      ),
      NodeType: required(int('0 device, 1 gateway.')),
      Description: text('At most 100 characters.'),
      AliyunCommodityCode: text('Left out for a basic product; iothub_senior for one with a thing model.'),
      DataFormat: int('0 custom, 1 Alink JSON; required with iothub_senior.'),
      NetType: text('WIFI (default), CELLULAR, ETHERNET, OTHER or LORA.'),
      ProtocolType: text('modbus, opc-ua, customize, ble or zigbee; sub-devices only.'),
      AuthType: text('secret (default); id2 and x509 are refused.'),
      CategoryKey: text('Predefined thing model; kept and told again.'),
      PublishAuto: bool('Accepted and ignored.'),
      ValidateType: int('1 weak (default), 2 none.'),
      Id2: bool('Accepted and ignored.'),
      JoinPermissionId: text('Accepted and ignored.'),
      ResourceGroupId: text('Accepted and ignored.'),
      ...instance,
    },
    response: {
      ProductKey: required(text('Key of the new product.')),
      Data: required(
        object({
          ...productMembers,
          ...classification,
          ProductSecret: required(text('Secret of the product.')),
        }),
      ),
    },
    errors: [
      'product.nullName',
      'product.malformedName',
      'product.nameTaken',
      'product.longDescription',
      'product.invalidNodeType',
      'product.invalidCommodityCode',
      'product.invalidCategory',
      'product.invalidAuthType',
      'product.id2NotOpen',
      'product.countExceeded',
      'common.invalidParameter',
      'system.notSupportedYet',
    ],
  }),
  action({
    name: 'QueryProduct',
    family: 'product',
    summary: 'Details of a product.',
    qps: 50,
    changes: false,
    request: { ProductKey: required(text('Key of the product.')), ...instance },
    response: {
      Data: required(
        object({
          ...productMembers,
          ...classification,
          ProductSecret: required(text('Secret of the product.')),
          ProductStatus: required(text('DEVELOPMENT_STATUS.')),
          Owner: required(bool('Always true.')),
          DeviceCount: required(int('Number of devices.')),
          GmtCreate: required(long('Time of creation, ms since 1970.')),
          NetType: required(int('3 Wi-Fi, 6 cellular, 7 Ethernet, 8 other.')),
          CategoryKey: required(text('Predefined thing model; empty when none was given.')),
          CategoryName: required(text('Always empty.')),
          ValidateType: required(int('1 weak, 2 none.')),
        }),
      ),
    },
    errors: ['product.nullKey', 'product.malformedKey', 'product.notFound'],
  }),
  action({
    name: 'QueryProductList',
    family: 'product',
    summary: 'Lists products, newest first.',
    qps: 50,
    changes: false,
    request: {
      CurrentPage: required(int('Page number, from 1.')),
      PageSize: required(int('Rows on a page, at most 200.')),
      AliyunCommodityCode: text('iothub_senior or iothub: only such products.'),
      ResourceGroupId: text('Accepted and ignored.'),
      ...instance,
    },
    response: {
      Data: required(
        object({
          CurrentPage: required(int('Echo.')),
          PageCount: required(int('Number of pages.')),
          PageSize: required(int('Echo.')),
          Total: required(int('Number of products in all.')),
          List: required(
            wrapped(
              'ProductInfo',
              object({
                ...productMembers,
                DeviceCount: required(int('Number of devices.')),
                GmtCreate: required(long('Time of creation, ms since 1970.')),
              }),
            ),
          ),
        }),
      ),
    },
    errors: ['common.invalidPage', 'product.invalidCommodityCode'],
  }),
  action({
    name: 'UpdateProduct',
    family: 'product',
    summary: 'Changes the name and the description of a product.',
    qps: 10,
    changes: ['ProductKey'],
    request: {
      ProductKey: required(text('Key of the product.')),
      ProductName: required(text('The name, also when it is to stay: as in CreateProduct.')),
      Description: text('At most 100 characters; empty to clear it, left out to keep it.'),
      ...instance,
    },
    response: {},
    errors: [
      'product.nullKey',
      'product.malformedKey',
      'product.notFound',
      'product.nullName',
      'product.malformedName',
      'product.nameTaken',
      'product.longDescription',
      'common.invalidParameter',
    ],
  }),
  action({
    name: 'DeleteProduct',
    family: 'product',
    summary: 'Deletes a product without devices, with its packages and modules.',
    qps: 500,
    changes: ['ProductKey'],
    request: { ProductKey: required(text('Key of the product.')), ...instance },
    response: {},
    errors: ['product.nullKey', 'product.malformedKey', 'product.notFound', 'product.inUse'],
  }),
] as const;
