export { calendarLoopWarning, nextElapse, type NextError } from './next'
export { CALENDAR_SHORTHANDS, parseCalendarSpec } from './parse'
export { formatCalendarSpec, type CalendarComponent, type CalendarSpec } from './spec'
