import type { document as english } from "#i18n/en/document.ts"

export const document: typeof english = {
  large: (size) => `هذا الملف كبير (${size}). لا يُفتح إلا عندما تطلبه.`,
  show: "افتحه هنا",
  save: "احفظ الملف",
  label: "الملف في الطريق",
  progress: (done, total) => `${done} من ${total}`,
  stop: "إيقاف",
}
