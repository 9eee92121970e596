declare module "*.wasm?url" {
  const url: string
  // eslint-disable-next-line no-restricted-exports -- what Vite gives
  export default url
}
