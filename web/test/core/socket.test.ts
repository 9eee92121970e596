import { Connection, type SocketLike, backoffMS } from "#core/worker/socket.ts"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

class FakeSocket implements SocketLike {
  binaryType = ""
  bufferedAmount = 0
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  readonly sent: Uint8Array[] = []
  closed = false
  send(frame: Uint8Array): void {
    this.sent.push(frame)
  }
  close(): void {
    this.closed = true
  }
  open(): void {
    this.onopen?.(undefined as never)
  }
  fail(): void {
    this.onclose?.(undefined as never)
  }
  message(data: unknown): void {
    this.onmessage?.({ data } as never)
  }
}

let sockets: FakeSocket[]
let events: string[]
let connection: Connection

function last(): FakeSocket {
  const socket = sockets.at(-1)
  if (socket === undefined) throw new Error("no socket")
  return socket
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, "random").mockReturnValue(0.5)
  sockets = []
  events = []
  connection = new Connection(
    () => {
      sockets.push(new FakeSocket())
      return last()
    },
    {
      connected: () => events.push("connected"),
      disconnected: () => events.push("disconnected"),
      received: (frame) => events.push(`frame of ${String(frame.length)}`),
    },
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe("backoff", () => {
  test.each([
    [0, 0, 250],
    [0, 0.999, 499.75],
    [1, 0, 500],
    [5, 0, 8000],
    [6, 0, 15_000],
    [40, 0, 15_000],
    [4000, 0.5, 22_500],
  ])("after %i failures and a draw of %f: %f ms", (failures, random, want) => {
    expect(backoffMS(failures, random)).toBeCloseTo(want, 6)
  })
})

describe("connection", () => {
  test("carries binary frames once open, and none before", () => {
    connection.send(Uint8Array.of(1))
    expect(last().sent).toEqual([])
    last().open()
    connection.send(Uint8Array.of(2))
    last().message(new ArrayBuffer(3))
    expect(last().sent).toEqual([Uint8Array.of(2)])
    expect(events).toEqual(["connected", "frame of 3"])
    expect(last().binaryType).toBe("arraybuffer")
  })

  test("comes back later each time, and soon again after a good connection", () => {
    last().fail()
    vi.advanceTimersByTime(374)
    expect(sockets).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(sockets).toHaveLength(2)
    last().fail()
    vi.advanceTimersByTime(749)
    expect(sockets).toHaveLength(2)
    vi.advanceTimersByTime(1)
    last().open()
    vi.advanceTimersByTime(10_000)
    last().fail()
    vi.advanceTimersByTime(375)
    expect(sockets).toHaveLength(4)
    expect(events).toEqual(["connected", "disconnected"])
  })

  test("a relay that accepts and drops at once is not hammered", () => {
    for (let i = 0; i < 6; i++) {
      last().open()
      last().fail()
      vi.advanceTimersByTime(30_000)
    }
    const before = sockets.length
    last().open()
    last().fail()
    vi.advanceTimersByTime(20_000)
    expect(sockets).toHaveLength(before)
  })

  test("a text frame ends the connection", () => {
    last().open()
    last().message("hello")
    expect(last().closed).toBe(true)
    expect(events).toEqual(["connected", "disconnected"])
  })

  test("a relay that takes nothing is left", () => {
    last().open()
    last().bufferedAmount = (16 << 20) + 1
    connection.send(Uint8Array.of(1))
    expect(last().sent).toEqual([])
    expect(last().closed).toBe(true)
    expect(events).toEqual(["connected", "disconnected"])
  })

  test("on a network again, it connects at once and once", () => {
    last().fail()
    connection.online()
    expect(sockets).toHaveLength(2)
    vi.advanceTimersByTime(60_000)
    expect(sockets).toHaveLength(2)
    last().open()
    connection.online() // looks alive, but belongs to the old network
    expect(sockets[1]?.closed).toBe(true)
    expect(sockets).toHaveLength(3)
    vi.advanceTimersByTime(60_000)
    expect(sockets).toHaveLength(3)
    expect(events).toEqual(["connected", "disconnected"])
  })

  test("an old socket's last words are not heard", () => {
    const old = last()
    old.open()
    const heard = old.onmessage
    old.fail()
    expect(old.onmessage).toBeNull()
    expect(heard).not.toBeNull()
  })

  test("end means end", () => {
    last().open()
    connection.end()
    connection.online()
    vi.advanceTimersByTime(60_000)
    expect(sockets).toHaveLength(1)
    expect(last().closed).toBe(true)
  })
})
