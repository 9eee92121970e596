/** The golden vectors of shared/spec, as the Go tests read them. */

const files = import.meta.glob<unknown>("../../../shared/spec/vectors/*.json", {
  eager: true,
  import: "default",
})

/** The vectors of one file; the test that uses them says what they look like. */
export function vectors(name: string): unknown {
  const file = files[`../../../shared/spec/vectors/${name}.json`]
  if (file === undefined) throw new Error(`no vectors ${name}`)
  return file
}
