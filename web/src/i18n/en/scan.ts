/** What ui/Scanner says. */
export const scan = {
  camera: "Camera",
  looking: "Looking for a code. Hold it inside the frame.",
  slow: "No code seen yet. More light helps, and holding it still.",
  none: "There is no camera that this page can use. Use a photo instead, or type it.",
  refused: "The camera is switched off for this page. Use a photo instead, or type it.",
  light: "Light",
  lens: "Other camera",
  zoom: "Closer",
  photo: "Use a photo",
  type: "Type it",
  nothing: "There is no code in this picture that can be read. Try a sharper one.",
  broken: "The picture could not be read. Try again.",
}
