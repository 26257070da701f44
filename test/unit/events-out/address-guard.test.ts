import { describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../../src/events-out/address-guard.ts';

const nothing = { hosts: [], subnets: [] };

describe('the guard of webhook addresses', () => {
  const may = createAddressGuard(nothing);

  it.each([
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
  ])('lets pass the public address %s', (address) => {
    expect(may('hooks.example.com', address)).toBe(true);
  });

  it.each([
    ['this host', '0.0.0.0'],
    ['this host', '::'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['private', 'fd12:3456::1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['link-local', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['benchmarks', '198.18.0.1'],
    ['documentation', '203.0.113.5'],
    ['documentation', '2001:db8::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped loopback', '::ffff:7f00:1'],
    ['IPv4-mapped public', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['6to4', '2002:7f00:1::1'],
    ['Teredo', '2001:0:7f00:1::1'],
    ['metadata service', '169.254.169.254'],
    ['metadata service', '100.100.100.200'],
    ['metadata service', '192.0.0.192'],
    ['metadata service', '168.63.129.16'],
    ['metadata service', 'fd00:ec2::254'],
  ])('refuses %s: %s', (_kind, address) => {
    expect(may('hooks.example.com', address)).toBe(false);
  });

  it('lets pass what the operator allows, and no more', () => {
    const guard = createAddressGuard({
      hosts: ['hooks.internal'],
      subnets: [
        { address: '10.1.0.0', prefix: 16 },
        { address: '127.0.0.1', prefix: 32 },
        { address: 'fd00::', prefix: 8 },
      ],
    });
    expect(guard('a.example', '10.1.2.3')).toBe(true);
    expect(guard('a.example', '10.2.2.3')).toBe(false);
    expect(guard('a.example', '127.0.0.1')).toBe(true);
    expect(guard('a.example', '127.0.0.2')).toBe(false);
    expect(guard('a.example', 'fd12::1')).toBe(true);
    expect(guard('Hooks.Internal', '192.168.0.9')).toBe(true);
    expect(guard('other.hooks.internal', '192.168.0.9')).toBe(false);
  });
});
