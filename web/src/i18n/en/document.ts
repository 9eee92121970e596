export const document = {
  large: (size: string) => `This file is large (${size}). It is opened only when you ask for it.`,
  show: "Open it here",
  save: "Save the file",
  label: "The file is on its way",
  progress: (done: string, total: string) => `${done} of ${total}`,
  stop: "Stop",
}
