import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { encodeJson, encodeXml, type Item, type Tree } from '../../../src/wire/response.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const xml = (tree: Tree) => encodeXml('R', tree).slice(DECLARATION.length);

describe('an answer', () => {
  it('is the same tree in JSON and in XML', () => {
    const tree: Tree = {
      RequestId: 'E55E50B7',
      Success: true,
      Total: 2,
      Status: -1,
      Timeout: undefined,
      Data: { SimpleOTATaskInfo: [{ TaskId: 'a', Progress: '100.00', TaskDesc: '' }, { TaskId: 'b' }] },
    };
    expect(encodeJson(tree)).toBe(
      '{"RequestId":"E55E50B7","Success":true,"Total":2,"Status":-1,"Data":{"SimpleOTATaskInfo":[{"TaskId":"a","Progress":"100.00","TaskDesc":""},{"TaskId":"b"}]}}',
    );
    expect(encodeXml('ListOTATaskByJobResponse', tree)).toBe(
      `${DECLARATION}<ListOTATaskByJobResponse><RequestId>E55E50B7</RequestId><Success>true</Success><Total>2</Total><Status>-1</Status><Data><SimpleOTATaskInfo><TaskId>a</TaskId><Progress>100.00</Progress><TaskDesc></TaskDesc></SimpleOTATaskInfo><SimpleOTATaskInfo><TaskId>b</TaskId></SimpleOTATaskInfo></Data></ListOTATaskByJobResponse>`,
    );
  });

  it('repeats the element of a bare array, of texts too', () => {
    expect(xml({ Data: [{ A: 1 }, { A: 2 }], SrcVersion: ['x', ''] })).toBe(
      '<R><Data><A>1</A></Data><Data><A>2</A></Data><SrcVersion>x</SrcVersion><SrcVersion></SrcVersion></R>',
    );
  });

  it('writes an empty list as an empty wrapper', () => {
    expect(xml({ Data: { DeviceInfo: [] } })).toBe('<R><Data></Data></R>');
    expect(encodeJson({ Data: { DeviceInfo: [] } })).toBe('{"Data":{"DeviceInfo":[]}}');
    expect(xml({ Data: { Data: [] }, Tags: {} })).toBe('<R><Data></Data><Tags></Tags></R>');
  });

  it('leaves undefined members out', () => {
    expect(xml({ A: undefined, B: { C: undefined } })).toBe('<R><B></B></R>');
    expect(encodeJson({ A: undefined, B: { C: undefined } })).toBe('{"B":{}}');
  });

  it('escapes what XML reserves and replaces what it forbids', () => {
    expect(xml({ A: `<a b="c" d='e'>&amp;</a>` })).toBe(
      '<R><A>&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;amp;&lt;/a&gt;</A></R>',
    );
    expect(xml({ A: '\0\x08\t\n\x0b\r\x1f\x7f\ufffe\uffff灯😀\ud83d\ude00\ud83d!\ude00' })).toBe(
      '<R><A>\ufffd\ufffd\t\n\ufffd&#xD;\ufffd\x7f\ufffd\ufffd灯😀😀\ufffd!\ufffd</A></R>',
    );
  });
});

describe('XML read back by another parser', () => {
  const parser = new XMLParser({
    parseTagValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    htmlEntities: true,
  });

  // fast-xml-parser has limits on nested entities and on what a bare CR means; texts keep to characters XML carries
  const content = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !/[\0-\x08\x0b-\x1f\ufffe\uffff]/.test(text)),
    fc.constantFrom('a&b<c>"d\'', ']]>', '<!-- x -->', '&lt;', '<?x?>', 'https://h/k?a=1&b=2', ' ', '\n'),
  );
  const scalar = fc.oneof(content, fc.integer(), fc.boolean());
  const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,8}$/);
  const { tree } = fc.letrec<{ tree: Tree; item: Item }>((tie) => ({
    item: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('tree')),
    tree: fc.dictionary(name, fc.oneof(tie('item'), fc.array(tie('item'), { maxLength: 3 }), fc.constant(undefined)), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  }));

  /** What a reader without a schema can know: texts only, one element is no list, nothing is an empty text. */
  const seen = (item: Item | readonly Item[]): unknown => {
    if (Array.isArray(item)) return item.length === 1 ? seen(item[0]) : item.map(seen);
    if (typeof item !== 'object') return String(item);
    const kept = Object.entries(item).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    );
    return kept.length === 0 ? '' : Object.fromEntries(kept.map(([key, value]) => [key, seen(value as Item)]));
  };

  it('is the tree that was written', () => {
    fc.assert(
      fc.property(tree, (given) => {
        expect(parser.parse(encodeXml('Root', given))).toEqual({ Root: seen(given) });
      }),
      { numRuns: 300 },
    );
  });

  it('is well-formed for any text whatever', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = encodeXml('R', { A: text });
        expect(written.isWellFormed()).toBe(true);
        expect(written).not.toMatch(/[\0-\x08\x0b-\x1f\ufffe\uffff]/);
        expect(written.slice(DECLARATION.length).replace(/<\/?[RA]>/g, '')).not.toMatch(
          /[<>"']|&(?!(?:amp|lt|gt|quot|apos|#xD);)/,
        );
      }),
    );
  });
});
