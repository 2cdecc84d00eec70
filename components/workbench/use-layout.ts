'use client'
import { useSyncExternalStore } from 'react'
import { defaultLayout, type Layout, layout } from './layout'

export const useLayout = (): Layout => useSyncExternalStore(layout.subscribe, layout.getState, () => defaultLayout)
