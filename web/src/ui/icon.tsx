/** Line icons on a 24 × 24 grid; they stand beside words and say nothing themselves. */
const paths = {
  otaru: 'M12 4a8 8 0 1 0 8 8M12 17V8m-4 3.5 4-4 4 4',
  menu: 'M4 6h16M4 12h16M4 18h16',
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
  product: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  device: 'M7 3h10v18H7zM11 18h2',
  group: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  package: 'M4 8l8-4 8 4v8l-8 4-8-4zM8 6l8 4v4',
  job: 'M12 3v6m0 0 3-3m-3 3L9 6M5 13a7 7 0 0 0 14 0',
  events: 'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20h4',
  settings:
    'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6L6 18',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2',
  play: 'M8 5l11 7-11 7z',
  bell: 'M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20h4',
  hand: 'M7 12V6a1.5 1.5 0 0 1 3 0v5M10 11V4.5a1.5 1.5 0 0 1 3 0V11M13 11V6a1.5 1.5 0 0 1 3 0v8a6 6 0 0 1-6 6c-3 0-4-2-6-6',
  stop: 'M7 7h10v10H7z',
  dot: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6',
  ring: 'M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  left: 'M14 6l-6 6 6 6',
  right: 'M10 6l6 6-6 6',
  first: 'M17 6l-6 6 6 6M7 6v12',
  last: 'M7 6l6 6-6 6M17 6v12',
  upload: 'M12 16V5m-4 4 4-4 4 4M5 19h14',
  download: 'M12 5v11m-4-4 4 4 4-4M5 19h14',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15.5 15.5 20 20',
  plus: 'M12 5v14M5 12h14',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c0-4 3.6-6 8-6s8 2 8 6',
  refresh: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
