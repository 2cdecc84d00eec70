'use client'
import { ProcessTreePicture } from '../picture/process-tree-picture'

/** A picture drawn from the live machine. */
export function Picture({ kind, caption, mine }: { kind: 'process-tree'; caption: string; mine?: boolean }) {
  switch (kind) {
    case 'process-tree':
      return <ProcessTreePicture caption={caption} {...(mine === undefined ? {} : { mine })} />
  }
}
