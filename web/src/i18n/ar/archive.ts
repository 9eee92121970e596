import type { archive as english, archiveErrors as englishErrors } from "#i18n/en/archive.ts"
import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("ar")
const records = (n: number) =>
  count(n, {
    zero: "لا سجلات",
    one: "سجل واحد",
    two: "سجلان",
    few: "# سجلات",
    many: "# سجلًا",
    other: "# سجل",
  })

export const archive: typeof english = {
  title: "نسخة احتياطية",
  none: "لا توجد نسخة احتياطية بعد.",
  made: (when, n) => `نسخة احتياطية من ${when}، فيها ${records(n)}.`,
  newer: (n) => `أحدث منها وليس فيها: ${records(n)}.`,
  lead: "ملف مختوم واحد فيه ملفك كله. لا يفتحه إلا عدّة الاسترجاع. يعمل بلا إنترنت.",
  shows: "يُظهر الملف عدد السجلات وعمرها، لا ما تقوله ولا لمن هي.",
  make: "احفظ نسخة احتياطية",
  making: "جارٍ صنع النسخة",
  pieces: (done, all) => `${done} من ${all} قطعة`,
  handed: (name) => `سُلّم ${name} إلى متصفحك ليحفظه.`,
  checkTitle: "خطوة أخيرة",
  checkLead: "لا تُحسب النسخة إلا بعد أن يقرأها التطبيق من جديد. اختر الملف الذي حفظته الآن.",
  check: "اختر الملف",
  checkOther: "تحقق من ملف نسخة",
  checking: "جارٍ قراءة النسخة",
  sizes: (done, all) => `${done} من ${all}`,
  done: (n) => `النسخة سليمة: فُتح بمفاتيحك ${records(n)}.`,
  stopped: "توقف. لم يتغير شيء.",
  all: "كل شيء كما جاء",
  allLead: "ملف ZIP واحد: ملفاتك بايتًا ببايت، وما أضفته أنت، وملف FHIR واحد لكل السجلات. وهو غير مختوم.",
  allMake: "احفظ كل شيء",
  allWorking: "جارٍ جمع سجلاتك",
  allDone: "سُلّمت سجلاتك إلى متصفحك ليحفظها.",
  fromFile: "لديّ ملف نسخة احتياطية",
  fromRelay: "ليس لديّ ملف نسخة",
  kitLead: "أولًا عدّتك: اكتب كلماتها الـ24 أو ألصق نص رمزها. ثم اختر ملف النسخة.",
  next: "التالي",
  fileTitle: "اختر ملف النسخة",
  fileLead: "يُقرأ على هذا الجهاز ولا يُرسل إلى أي مكان.",
  reading: "جارٍ قراءة ملفك",
  blocks: (n) =>
    count(n, {
      zero: "لم تُقرأ قطعة",
      one: "قُرئت قطعة واحدة",
      two: "قُرئت قطعتان",
      few: "قُرئت # قطع",
      many: "قُرئت # قطعة",
      other: "قُرئت # قطعة",
    }),
  offline: "أنت بلا اتصال، فهذا ملفك كما كان عند صنع النسخة. السجلات الأحدث تأتي عندما تتصل.",
  offlineLost: "هل ضاع الجهاز القديم؟ اقطعه لاحقًا عندما تتصل.",
}

const unchanged = "لم يتغير شيء."
const other = "اختر ملفًا آخر"

export const archiveErrors: typeof englishErrors = {
  "archive/format": error("هذا الملف ليس نسخة احتياطية من هذا التطبيق.", unchanged, other),
  "archive/version": error("صنعت هذه النسخةَ إصدارٌ أحدث من التطبيق.", unchanged, other),
  "archive/network": error("هذه النسخة من شبكة أخرى.", unchanged, other),
  "archive/other": error("هذه النسخة وهذه العدّة أو هذا الملف لا تخص بعضها.", unchanged, other),
  "archive/truncated": error("نهاية هذه النسخة ناقصة. ربما لم تُحفظ كاملة.", unchanged, other),
  "archive/damaged": error("غُيّرت هذه النسخة أو تلفت. لا يمكن استعمالها.", unchanged, other),
  "archive/older": error("هذه نسخة أقدم من التي تُحسب.", "النسخة الأحدث ما زالت تُحسب.", other),
  "blob/waiting": error("ملف من ملفك لم يصل إلى هذا الجهاز بعد.", unchanged, "حاول مرة أخرى"),
  "archive/none": error("انقطعت النسخة.", unchanged, "حاول مرة أخرى"),
  archive: error("لم تنجح النسخة.", unchanged, "حاول مرة أخرى"),
  "restore/offline": error("لا يُقطع جهاز ضائع إلا عند الاتصال.", unchanged, "أغلق"),
}
