/** The mark: a unit's state dot inside a prompt's bracket. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <rect x="1.5" y="1.5" width="29" height="29" rx="7" stroke="currentColor" strokeWidth="2.5" />
      <path d="M8 10.5 13.5 16 8 21.5" stroke="currentColor" strokeWidth="2.8" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx="21.5" cy="16" r="4.2" fill="currentColor" />
    </svg>
  )
}
