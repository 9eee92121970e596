// What look.mjs measures on a screen as it stands. Each runs inside the page and tells faults in words.

/** The page scrolls sideways, or a text is cut: by a box that hides what does not fit, or by a button too low for it. */
export function cut() {
  const faults = []
  const wide = document.documentElement.scrollWidth - innerWidth
  const texts = (node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== "")
  const say = (node) =>
    `${node.tagName.toLowerCase()}.${[...node.classList].join(".")} "${node.textContent.trim().slice(0, 60)}"`
  if (wide > 0) {
    const last = [...document.body.querySelectorAll("*")].find(
      (node) => node.getBoundingClientRect().right > innerWidth + 1,
    )
    faults.push(`${wide} px too wide${last ? `: ${say(last)}` : ""}`)
  }
  for (const node of document.body.querySelectorAll("*")) {
    if (node.closest(".hidden, svg, select, [inert], dialog:not([open])")) continue
    const box = node.getBoundingClientRect()
    if (box.width <= 1 || box.height <= 1) continue
    const style = getComputedStyle(node)
    const hides = (value) => value === "hidden" || value === "clip"
    if (hides(style.overflowX) && node.scrollWidth > node.clientWidth + 1)
      faults.push(`cut at the side: ${say(node)}`)
    if (hides(style.overflowY) && node.scrollHeight > node.clientHeight + 1)
      faults.push(`cut below: ${say(node)}`)
    const low = node.scrollHeight > node.clientHeight + 2 || node.scrollWidth > node.clientWidth + 2
    if (/^(BUTTON|A)$/.test(node.tagName) && style.display !== "inline" && texts(node) && low)
      faults.push(`does not fit its box: ${say(node)}`)
  }
  return faults
}

/** Everything to press is at least 44 px each way. */
export function small() {
  const pressed =
    "main button, main a.button, main select, main input, header a, header button, header select, nav a"
  return [...document.querySelectorAll(pressed)]
    .filter((node) => {
      const box = (node.closest("label") ?? node).getBoundingClientRect()
      return box.width > 1 && (box.height < 43.5 || box.width < 43.5)
    })
    .map((node) => `smaller than 44 px: ${node.textContent || node.outerHTML.slice(0, 80)}`)
}

/** The text spacing that WCAG 1.4.12 lets a person set. Made as an object, because the policy refuses a style element. */
export function spaceText() {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
      "p { margin-block-end: 2em !important }",
  )
  document.adoptedStyleSheets = [sheet]
}

/** In forced colors a control that only its background showed would be gone: each has a border, an underline or an outline. */
export function bare() {
  return [...document.querySelectorAll("main .button, main .input, main select, main .card, main .band")]
    .filter((node) => {
      const style = getComputedStyle(node)
      const lines = ["Top", "Right", "Bottom", "Left"].some(
        (side) => parseFloat(style[`border${side}Width`]) > 0,
      )
      return node.getBoundingClientRect().width > 1 && !lines
    })
    .map((node) => `nothing shows its edge in forced colors: ${node.outerHTML.slice(0, 80)}`)
}
