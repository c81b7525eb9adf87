import type { ComponentChildren } from 'preact'

/** Pictures that repeat what a text beside them says; nobody hears of them. */
function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" class="logo-ground" />
    <path
      d="M7 10.5a3.5 3.5 0 0 1 3.5-3.5h11a3.5 3.5 0 0 1 3.5 3.5v7a3.5 3.5 0 0 1-3.5 3.5H16l-5 4.5V21h-.5A3.5 3.5 0 0 1 7 17.5z"
      class="logo-bubble"
    />
    <path d="M12 12.5h8M12 16h5" class="logo-lines" />
  </svg>
)
export const Send = () => (
  <Icon>
    <path d="M4 12 20 4l-5.5 16-3-6.5z M11.5 13.5 20 4" />
  </Icon>
)
export const Check = () => (
  <Icon>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
)
export const Checks = () => (
  <Icon>
    <path d="m2.5 12.5 4.5 4.5L16 7.5M12 16l1 1 8.5-9.5" />
  </Icon>
)
export const Clock = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5V12l3 2" />
  </Icon>
)
export const Warning = () => (
  <Icon>
    <path d="M12 4 2.5 20h19zM12 10v4.5M12 17.5v.01" />
  </Icon>
)
export const Phone = () => (
  <Icon>
    <path d="M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H12l-4.5 4v-4h-1A2.5 2.5 0 0 1 4 13.5z" />
  </Icon>
)
export const Pencil = () => (
  <Icon>
    <path d="M4 20l1-4L16 5l3 3L8 19z" />
  </Icon>
)
export const Bin = () => (
  <Icon>
    <path d="M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5" />
  </Icon>
)
export const Bars = () => (
  <Icon>
    <path d="M4 7h16M4 12h16M4 17h16" />
  </Icon>
)
export const Close = () => (
  <Icon>
    <path d="M6 6l12 12M18 6 6 18" />
  </Icon>
)
export const Past = () => (
  <Icon>
    <path d="M4 12a8 8 0 1 0 2.5-5.800L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2" />
  </Icon>
)
export const Person = () => (
  <Icon>
    <circle cx="12" cy="8.5" r="3.5" />
    <path d="M5 20c.5-4 3.5-6 7-6s6.5 2 7 6" />
  </Icon>
)
export const Flask = () => (
  <Icon>
    <path d="M9.5 4h5M10.5 4v6L5 19.5h14L13.5 10V4M8 15h8" />
  </Icon>
)
export const Tag = () => (
  <Icon>
    <path d="M4 4h7.5l8.5 8.5-7.5 7.5L4 11.5zM8 8v.01" />
  </Icon>
)
export const Search = () => (
  <Icon>
    <circle cx="10.5" cy="10.5" r="6" />
    <path d="m15 15 5 5" />
  </Icon>
)
export const Out = () => (
  <Icon>
    <path d="M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9" />
  </Icon>
)
export const Down = () => (
  <Icon>
    <path d="M12 5v14M6 13l6 6 6-6" />
  </Icon>
)
