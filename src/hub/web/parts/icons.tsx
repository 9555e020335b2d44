/** Strokes on a grid of 24, drawn for this page. */
const shapes = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5',
  star: 'M12 3.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.8-5.2 2.8 1-5.8L3.6 9.7l5.8-.8z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  globe:
    'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c3 2.6 3.4 5.5 3.4 8.5s-.4 5.9-3.4 8.500c-3-2.6-3.4-5.5-3.4-8.500s.4-5.9 3.4-8.5',
  copy: 'M9 9h11v11H9zM5.5 15H4V4h11v1.5',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  down: 'M6 9.500l6 6 6-6',
  right: 'M9.5 6l6 6-6 6',
  left: 'M14.5 6l-6 6 6 6',
  plus: 'M12 5v14M5 12h14',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M5.3 18.700l1.4-1.400M17.3 6.700l1.4-1.4',
  moon: 'M20 14.500A8.3 8.3 0 0 1 9.5 4 8.3 8.3 0 1 0 20 14.500z',
  system: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  tag: 'M4 4h7.500l8.5 8.5-7.5 7.500L4 11.500zM8 8h.01',
  layers: 'M12 4l8.5 4.500L12 13 3.5 8.500zM4 12.500l8 4.2 8-4.200M4 16.300l8 4.2 8-4.2',
  box: 'M4 8l8-4 8 4v8.500l-8 4-8-4zM4 8l8 4 8-4M12 12v8.5',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.500c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
  users:
    'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19.500c.5-3.5 3-5.2 6.5-5.200s6 1.7 6.5 5.200M16 5.300a3.4 3.4 0 0 1 0 6.500M18 14.600c2 .7 3.2 2.4 3.5 4.9',
  key: 'M8 11.500a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 13l8.5-8.500M16 8l3 3',
  shield: 'M12 3.500l7.5 2.700v5.300c0 4.5-3.2 7.6-7.5 9-4.3-1.4-7.5-4.5-7.5-9V6.200z',
  gauge: 'M4.5 18a8.5 8.5 0 1 1 15 0M12 14l4-5',
  clock: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.500V12l3 2',
  pull: 'M12 4v11M7 10.500l5 5 5-5M4.5 20h15',
  trash: 'M5 7h14M9.5 7V4.500h5V7M7 7l.8 13h8.400L17 7M10.5 11v5.500M13.5 11v5.5',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.200h.01',
  info: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.500M12 7.700h.01',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3v2.500M12 18.500V21M3 12h2.500M18.5 12H21M5.6 5.600l1.8 1.800M16.6 16.600l1.8 1.800M5.6 18.400l1.8-1.800M16.6 7.400l1.8-1.8',
  mail: 'M3.5 6h17v12.500h-17zM3.5 7l8.5 6 8.5-6',
  list: 'M8.5 6.500H20M8.5 12H20M8.5 17.500H20M4.5 6.500h.01M4.5 12h.01M4.5 17.500h.01',
  exit: 'M14 4.500H5v15h9M10 12h10.500M17 8.500l3.5 3.5-3.5 3.5',
  pencil: 'M4 20l1-4L16.5 4.500l3 3L8 19z',
  book: 'M5 4.500h10.500a3 3 0 0 1 3 3V20H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h10.5',
} as const;

export type IconName = keyof typeof shapes;

export const Icon = ({
  name,
  isFilled = false,
}: {
  readonly name: IconName;
  readonly isFilled?: boolean;
}) => (
  <svg
    class="icon"
    viewBox="0 0 24 24"
    fill={isFilled ? 'currentColor' : 'none'}
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={shapes[name]} />
  </svg>
);

/** A container on its hook. */
export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="logo-ground" width="32" height="32" rx="7" />
    <path class="logo-rope" d="M16 3v5M16 8l-8.5 8.500M16 8l8.5 8.5" />
    <rect class="logo-box" x="5" y="16" width="22" height="11" rx="1.6" />
    <path class="logo-rib" d="M9.5 19v5M13.8 19v5M18.2 19v5M22.5 19v5" />
  </svg>
);
