// The server that ours is measured against: Hocuspocus as it comes, without storage, on the port given.
import { Server } from '@hocuspocus/server'

const server = new Server({ port: Number(process.argv[2]), address: '127.0.0.1', quiet: true })
await server.listen()
console.log('ready')
