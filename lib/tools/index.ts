// Answers and tables for pages and the command line.
export * from './reference'
export * from './denial'
