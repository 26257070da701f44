import { isIPv4 } from 'node:net';
import { createNetworkCheck, type Network } from '../net/networks.ts';

/** Where webhooks may go although the address is not public. */
export interface AllowedTargets {
  /** Host names, lower case: whatever they resolve to is allowed. */
  readonly hosts: readonly string[];
  /** Networks and single addresses. */
  readonly subnets: readonly Network[];
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

const listOf = (networks: readonly string[]) =>
  createNetworkCheck(
    networks.map((network) => {
      const [address = '', prefix] = network.split('/');
      return { address, prefix: Number(prefix) };
    }),
  );

/**
 * Keeps webhooks from reaching into the network of the server (storage-and-events 4.2).
 * @returns whether a request for `host` (a name or an address, without brackets) may connect to `address`
 */
export function createAddressGuard({ hosts, subnets }: AllowedTargets): (host: string, address: string) => boolean {
  const isRefused = listOf([...refusedIpv4, ...refusedIpv6]);
  const isPublicIpv6 = listOf(['2000::/3']);
  const isAllowed = createNetworkCheck(subnets);
  return (host, address) => {
    if (hosts.includes(host.toLowerCase())) return true;
    if (isAllowed(address)) return true;
    if (isRefused(address)) return false;
    // ::ffff:0:0/96 is not public either: nobody writes an IPv4 address so but to get past a filter
    return isIPv4(address) || isPublicIpv6(address);
  };
}
