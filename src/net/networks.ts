import { BlockList, isIP } from 'node:net';

/** A single address has the longest prefix. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @returns whether a text is an address in one of the networks; an IPv4 address also in its IPv6 spelling */
export function createNetworkCheck(networks: readonly Network[]): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, prefix } of networks) list.addSubnet(address, prefix, familyOf(address));
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}
