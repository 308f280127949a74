import type { ComponentChildren, JSX } from 'preact';

function Icon({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const SearchIcon = (): JSX.Element => (
  <Icon>
    <circle cx="9" cy="9" r="5" />
    <path d="m13 13 4 4" />
  </Icon>
);

export const FileIcon = (): JSX.Element => (
  <Icon>
    <path d="M5 2.5h6l4 4v11H5zM11 2.5v4h4M7.5 10.5h5M7.5 13.5h5" />
  </Icon>
);

export const CalculatorIcon = (): JSX.Element => (
  <Icon>
    <rect x="4" y="2.5" width="12" height="15" rx="2" />
    <path d="M7 6h6M7 10h.01M10 10h.01M13 10h.01M7 13.5h.01M10 13.5h.01M13 13.5h.01" />
  </Icon>
);

export const PlusIcon = (): JSX.Element => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const MenuIcon = (): JSX.Element => (
  <Icon>
    <path d="M3 6h14M3 10h14M3 14h14" />
  </Icon>
);

export const SendIcon = (): JSX.Element => (
  <Icon>
    <path d="M10 16V4M5 9l5-5 5 5" />
  </Icon>
);

export const StopIcon = (): JSX.Element => (
  <Icon>
    <rect x="5" y="5" width="10" height="10" rx="1.5" fill="currentColor" />
  </Icon>
);

export const DownIcon = (): JSX.Element => (
  <Icon>
    <path d="M10 4v12M5 11l5 5 5-5" />
  </Icon>
);

export const LeaveIcon = (): JSX.Element => (
  <Icon>
    <path d="M8 3H4v14h4M8 10h9M14 7l3 3-3 3" />
  </Icon>
);

/** The line that runs through: what is said stays on it. */
export const Mark = (): JSX.Element => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" class="mark-ground" />
    <path d="M9 4v24" class="mark-line" />
    <circle cx="9" cy="11" r="3.4" fill="#fff" />
    <circle cx="9" cy="21" r="3.4" fill="#fff" />
    <path d="M16 11h9M16 21h6" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
  </svg>
);
