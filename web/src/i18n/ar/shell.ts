import type { shellErrors as english } from "#i18n/en/shell.ts"
import { error } from "#i18n/error.ts"

export const shellErrors: typeof english = {
  page: error("تعذّر تحميل هذا الجزء من التطبيق.", "ملفك وكل ما حُفظ سليم.", "حاول مرة أخرى"),
}
