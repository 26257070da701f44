import { type Command, Option } from 'commander';
import { allProducts, switchDynamicRegistration } from '../domain/dynamic-registration.ts';
import { CommandError, type Output, print, show } from './output.ts';
import { changeStore, withStore } from './store.ts';

/** Settings of products that the vendor's API has no operation for; they are made on the database, as keys are. */
export function addProduct(program: Command): void {
  const product = program.command('product').description('What the API cannot set of a product.');

  product
    .command('list')
    .description('List the products of all accounts.')
    .option('--json', 'print one line of JSON: an array')
    .action(async ({ json }: Output) => {
      const rows = (await withStore(allProducts)).map((row) => ({
        productKey: row.key,
        name: row.name,
        nodeType: row.node_type === 1 ? 'gateway' : 'device',
        devices: row.device_count,
        dynamicRegistration: onOff(row.dynamic_registration === 1),
        iotInstanceId: row.instance_id,
        accountId: row.account_id,
        accountName: row.account_name,
      }));
      if (json) return print(JSON.stringify(rows));
      for (const row of rows) {
        const registration = `dynamic registration ${row.dynamicRegistration.padEnd(3)}`;
        print(`${row.productKey}  ${row.nodeType.padEnd(7)}  ${registration}  ${row.accountName}  ${row.name}`);
      }
    });

  product
    .command('set')
    .description('Change a product.')
    .requiredOption('--product-key <key>', 'the product')
    .addOption(
      new Option(
        '--dynamic-registration <on|off>',
        'whether devices that know the secret of the product may fetch secrets of their own',
      )
        .choices(['on', 'off'])
        .makeOptionMandatory(),
    )
    .option('--json', 'print one line of JSON')
    .action(async (options: Output & { productKey: string; dynamicRegistration: 'on' | 'off' }) => {
      const { productKey, dynamicRegistration } = options;
      const on = dynamicRegistration === 'on';
      const change = { command: 'product set', target: { productKey, dynamicRegistration } };
      await changeStore(change, async (store) => {
        if (!(await switchDynamicRegistration(store, productKey, on))) {
          throw new CommandError(`There is no product ${productKey}.`);
        }
      });
      show({ productKey, dynamicRegistration }, options);
    });
}

const onOff = (on: boolean) => (on ? 'on' : 'off');
