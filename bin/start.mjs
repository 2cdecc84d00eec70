// npm start: install what is missing, build when something changed, serve, print the address.
import { buildSite, checkNode, installPackages } from './setup.mjs'

checkNode()
installPackages()
buildSite()
const { serve } = await import('./serve.mjs')
const { address } = await serve({ port: Number(process.env.PORT ?? 3000) })
console.log(`\nUnitlab is at ${address}   (Ctrl-C stops it)\n`)
