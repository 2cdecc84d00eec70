// Serves the built site for the browser tests, with the headers of `npm start`.
import { serve } from '../../bin/serve.mjs'

const { address } = await serve({ port: Number(process.env.UNITLAB_TEST_PORT ?? 4310), tries: 0 })
console.log(address)
