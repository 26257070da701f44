import { BlockList, isIP } from 'node:net';

/** Where webhooks may go although the address is not public. */
export interface AllowedTargets {
  /** Host names, lower case: whatever they resolve to is allowed. */
  readonly hosts: readonly string[];
  /** Networks and single addresses. */
  readonly subnets: readonly { readonly address: string; readonly prefix: number }[];
}

/** Not public, or reserved (IANA special-purpose registries); metadata services of clouds are in them but for the last. */
const refusedIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '168.63.129.16/32',
];

/** Within 2000::/3, which is all of IPv6 that is public; the first and the third lead on to IPv4 addresses. */
const refusedIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
}

/**
 * Keeps webhooks from reaching into the network of the server (storage-and-events 4.2).
 * @returns whether a request for `host` (a name or an address, without brackets) may connect to `address`
 */
export function createAddressGuard({ hosts, subnets }: AllowedTargets): (host: string, address: string) => boolean {
  const refused = listOf([...refusedIpv4, ...refusedIpv6]);
  const publicIpv6 = listOf(['2000::/3']);
  const allowed = listOf(subnets.map(({ address, prefix }) => `${address}/${prefix}`));
  return (host, address) => {
    if (hosts.includes(host.toLowerCase())) return true;
    // a list matches an IPv4 address in its IPv6 spelling, too
    const family = familyOf(address);
    if (allowed.check(address, family)) return true;
    if (refused.check(address, family)) return false;
    // ::ffff:0:0/96 is not public either: nobody writes an IPv4 address so but to get past a filter
    return family === 'ipv4' || publicIpv6.check(address, 'ipv6');
  };
}
