// For pages. Client components take `./provider`, `./fill` and `./locale`, lest both languages be sent to the browser.
export * from './dictionary'
export * from './fill'
export * from './locale'
