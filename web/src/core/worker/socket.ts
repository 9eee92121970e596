/**
 * The connection to the relay: one websocket of binary frames that comes back by itself, later each time it fails
 * and never at the same moment as everyone else's.
 */

/** What is used of a WebSocket. */
export interface SocketLike {
  binaryType: string
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(frame: Uint8Array<ArrayBuffer>): void
  close(): void
}

export interface Listener {
  connected(): void
  disconnected(): void
  received(frame: Uint8Array<ArrayBuffer>): void
}

/** First and longest wait between two attempts. */
const backoffMinMS = 500
const backoffMaxMS = 30_000
/** A connection that lasted this long was a good one, so the next wait is the shortest again. */
const goodAfterMS = 10_000
/** Frames that wait in the socket beyond this mean that the relay does not take them: begin anew. */
const bufferedMax = 16 << 20

/** How long to wait after `failures` failed attempts in a row; `random` is in [0, 1). */
export function backoffMS(failures: number, random: number): number {
  const whole = Math.min(backoffMaxMS, backoffMinMS * 2 ** failures)
  return whole / 2 + (whole / 2) * random
}

export class Connection {
  readonly #make: () => SocketLike
  readonly #listener: Listener
  #socket: SocketLike | undefined
  #open = false
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #good: ReturnType<typeof setTimeout> | undefined
  #ended = false

  /** Connects at once. `make` opens a socket. */
  constructor(make: () => SocketLike, listener: Listener) {
    this.#make = make
    this.#listener = listener
    this.#connect()
  }

  /** Sends one frame, or drops it when there is no connection: the core sends again after connected. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.#open || this.#socket === undefined) return
    if (this.#socket.bufferedAmount > bufferedMax) this.#drop()
    else this.#socket.send(frame)
  }

  /** The device is on a network again: the old connection is dead even where it looks alive. */
  online(): void {
    this.#failures = 0
    this.#drop()
    clearTimeout(this.#retry)
    this.#connect()
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#retry)
    this.#drop()
  }

  #connect(): void {
    if (this.#ended) return
    const socket = this.#make()
    this.#socket = socket
    socket.binaryType = "arraybuffer"
    socket.onopen = () => {
      this.#open = true
      this.#good = setTimeout(() => (this.#failures = 0), goodAfterMS)
      this.#listener.connected()
    }
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (data instanceof ArrayBuffer) this.#listener.received(new Uint8Array(data))
      else this.#drop() // the wire has no text frames
    }
    socket.onclose = () => {
      this.#drop()
    }
  }

  /** Forgets the present socket and plans the next. */
  #drop(): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    clearTimeout(this.#good)
    const wasOpen = this.#open
    this.#open = false
    if (!this.#ended) {
      this.#retry = setTimeout(
        () => {
          this.#connect()
        },
        backoffMS(this.#failures++, Math.random()),
      )
    }
    if (wasOpen) this.#listener.disconnected()
  }
}
