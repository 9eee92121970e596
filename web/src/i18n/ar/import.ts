import type { importErrors as enErrors, importing as en } from "#i18n/en/import.ts"
import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("ar")
const nothingStored = "لم يُحفظ شيء ولم يُرسل شيء."

export const importing: typeof en = {
  title: "أدخل ملفات",
  lead: "ملفات من عيادة أو تطبيق أو بوابة. تُقرأ على هذا الجهاز وحده.",
  drop: "أفلت الملفات هنا",
  pick: "اختر ملفات",
  formats: "ما يمكن قراءته",
  formatList: [
    "FHIR R4: حزمة أو مورد أو NDJSON، وكذلك عدد منها في ZIP",
    "مستندات C-CDA (XML)",
    "بطاقات وروابط SMART الصحية: الملف أو النص أو رمز QR",
    "Apple Health: ملف export.zip أو export.xml",
    "جداول قياسات (CSV)",
    "وأي شيء آخر، كملف PDF أو صورة، يُحفظ مستندًا",
  ],
  paste: "أو الصق نصه",
  pasteRead: "اقرأ النص",
  pasteEmpty: "الصق نص ملف أولًا.",
  pastedName: "pasted.txt",
  scan: "امسح بطاقة صحية أو رابطًا",
  scanClose: "أغلق الكاميرا",
  scannedName: "scanned-card.txt",
  scanOther: "هذا الرمز ليس بطاقة صحية ولا رابطًا صحيًا.",
  scanMore: (seen, total) => `رأينا ${String(seen)} من ${String(total)} من رموز هذه البطاقة. أظهر التالي.`,
  reading: "جارٍ قراءة الملف…",
  readingFile: "جارٍ القراءة",
  readingOf: (done, total) => `${done} من ${total}`,
  waiting: (n) =>
    count(n, {
      one: "ينتظر ملف آخر.",
      two: "ينتظر ملفان آخران.",
      few: "تنتظر # ملفات أخرى.",
      other: "ينتظر # ملفًا آخر.",
    }),
  previewTitle: "هذا ما سيضيفه",
  previewLead: (n, size) =>
    count(n, {
      one: `سجل واحد، ${size}`,
      two: `سجلان، ${size}`,
      few: `# سجلات، ${size}`,
      other: `# سجلًا، ${size}`,
    }),
  none: "لا سجل في هذا الملف. اختر ملفًا آخر.",
  duplicateFile: "هذا الملف نفسه موجود في ملفك من قبل.",
  duplicate: "موجود من قبل",
  duplicates: (n) =>
    count(n, {
      one: "واحد منها موجود من قبل ولا يُحفظ مرتين.",
      two: "اثنان منها موجودان من قبل ولا يُحفظان مرتين.",
      few: "# منها موجودة من قبل ولا تُحفظ مرتين.",
      other: "# منها موجودة من قبل ولا تُحفظ مرتين.",
    }),
  original: "الملف نفسه، محفوظًا كما وصل",
  converted: "مأخوذ من الملف وقد يختلف عنه، لذلك يُحفظ الملف أيضًا.",
  moveAll: "ضع الكل في",
  moveAllKeep: "كما اقتُرح لكل منها",
  sectionOf: (label) => `قسم ${label}`,
  more: (n) => count(n, { other: "أظهر # أخرى" }),
  warnings: (n) =>
    count(n, {
      one: "شيء واحد هنا ليس كما يريده FHIR. يُحفظ كما هو.",
      two: "شيئان هنا ليسا كما يريدهما FHIR. يُحفظان كما هما.",
      few: "# أشياء هنا ليست كما يريدها FHIR. تُحفظ كما هي.",
      other: "# شيئًا هنا ليست كما يريدها FHIR. تُحفظ كما هي.",
    }),
  other: "يبدو أن هذا الملف عن شخص آخر",
  otherText: (mine) => `ملفك عن ${mine}. والملف يذكر:`,
  otherNobody: "لا أحد",
  otherFirst: "مكانه هذا الملف",
  otherSecond: "اضغط مرة أخرى للتأكيد: أدخله",
  start: "أدخل",
  startAll: (n) => count(n, { other: "أدخل هذا و# أخرى" }),
  skip: "اترك هذا",
  stop: "توقف",
  running: "جارٍ الإدخال",
  progress: (done, total) => `${done} من ${total} سجلًا`,
  left: (seconds) =>
    count(seconds, {
      one: "بقيت ثانية تقريبًا",
      two: "بقيت ثانيتان تقريبًا",
      few: "بقيت # ثوانٍ تقريبًا",
      other: "بقيت # ثانية تقريبًا",
    }),
  browse: "يمكنك مغادرة هذه الشاشة؛ العمل مستمر.",
  doneTitle: "محفوظ",
  nothingNew: "لا جديد",
  done: (n) =>
    count(n, {
      one: "سجل واحد على هذا الجهاز، مختومًا. يُرسل عند الاتصال.",
      two: "سجلان على هذا الجهاز، مختومين. يُرسلان عند الاتصال.",
      few: "# سجلات على هذا الجهاز، مختومة. تُرسل عند الاتصال.",
      other: "# سجلًا على هذا الجهاز، مختومة. تُرسل عند الاتصال.",
    }),
  known: (n) =>
    count(n, {
      one: "سجل واحد كان موجودًا من قبل.",
      two: "سجلان كانا موجودين من قبل.",
      few: "# سجلات كانت موجودة من قبل.",
      other: "# سجلًا كانت موجودة من قبل.",
    }),
  toFolder: "انظر ملفي",
  another: "أدخل ملفات أخرى",
  results: "ملفًا ملفًا",
  resultFile: "الملف",
  resultWhat: "ما حدث",
  resultSaved: (added, known) => {
    const fresh = count(added, {
      one: "سجل جديد",
      two: "سجلان جديدان",
      few: "# سجلات جديدة",
      other: "# سجلًا جديدًا",
    })
    return known === 0 ? fresh : `${fresh}، و${String(known)} موجودة من قبل`
  },
  resultKnown: (n) =>
    count(n, { one: "موجود من قبل", two: "سجلان موجودان من قبل", other: "موجودة من قبل: # سجلات" }),
  resultKeys: (n) =>
    count(n, {
      one: "مفتاح لجهة إصدار. تُفحص به البطاقات الآن.",
      other: "# مفاتيح لجهة إصدار. تُفحص بها البطاقات الآن.",
    }),
  resultArchive: (n) =>
    count(n, { one: "ملف واحد فيه", two: "ملفان فيه", few: "# ملفات فيه", other: "# ملفًا فيه" }),
  resultSkipped: "تُرك",
  keep: "احفظه مستندًا",
  madeFrom: "أُخذ هذا من {}، وقد يختلف عنه.",
  madeFromNames: {
    ccda: "مستند C-CDA",
    "smart-health-card": "بطاقة صحية",
    "apple-health": "تصدير من Apple Health",
    csv: "جدول",
  },
  madeFromFile: "والملف نفسه محفوظ أيضًا.",
  table: {
    title: "ما معنى كل عمود؟",
    lead: (rows) => `جدول من ${rows} صفًا. قل ما أعمدته؛ ويُحفظ الملف نفسه أيضًا.`,
    date: "متى",
    value: "القيمة",
    what: "ما الذي قيس",
    whatText: "ما الذي قيس، لكل الصفوف",
    unit: "الوحدة",
    unitText: "الوحدة، لكل الصفوف",
    none: "لا عمود",
    need: "اختر عمود التاريخ وعمود القيمة.",
    sample: "الصفوف الأولى",
    go: "تابع",
  },
  link: {
    title: "رابط صحي",
    lead: "الرابط الصحي يدل على ملف في مكان آخر. هذا التطبيق لا يسأل أماكن أخرى أبدًا، فلا يستطيع جلب الملف.",
    where: "مكانه",
    what: "افتح الرابط حيث حصلت عليه، ونزّل الملف، ثم أدخله هنا. المفتاح الذي يفتحه موجود في الرابط.",
    passcode: "سيطلب منك ذلك المكان رمز مرور.",
    expired: (date) => `توقف هذا الرابط في ${date}. قد تحتاج إلى رابط جديد.`,
    pick: "اختر الملف الذي نزّلته",
  },
  notes: {
    "card-from": "أصدرتها {}",
    "card-date": "صدرت في {}",
    "card-expired": "كانت هذه البطاقة صالحة حتى {} فقط.",
    "card-checked":
      "فُحص التوقيع بالمفتاح الذي في {}. لا يستطيع هذا الجهاز أن يعرف هل ذلك الملف لجهة الإصدار.",
    "card-unchecked":
      "لم يُفحص التوقيع: مفاتيح جهة الإصدار ليست هنا. لفحصه أدخل ملف مفاتيحها (jwks.json) أولًا.",
    "zip-link": "تُرك، رابط إلى مكان آخر: {}",
    "zip-locked": "تُرك، مقفل بكلمة مرور: {}",
    "zip-packing": "تُرك، مضغوط بطريقة لا تُقرأ هنا: {}",
    "zip-hidden": "تُرك، ملف مخفي: {}",
    "original-left": "الملف نفسه أكبر من أن يُحفظ هنا (أكثر من 32 MiB): {}. احتفظ بنسختك.",
    "health-newest": "تُدخل الأحدث فقط. {}",
    "health-others": "تبقى في الملف قياسات من أنواع أخرى: {}",
    "csv-left": "صفوف بلا تاريخ أو قيمة تبقى في الملف: {}",
    "checked-some": "بُحث عن الأخطاء في {} من السجلات.",
    "checked-not": "لم يبحث أحد عن أخطاء: ذلك الجزء من التطبيق ليس على هذا الجهاز بعد.",
    "link-elsewhere": "يذكر هذا الرابط أيضًا ملفًا في مكان آخر: {}",
  },
}

const another = "اختر ملفًا آخر"
const card = (what: string) => error(what, "لم تُدخل البطاقة. " + nothingStored, another)

export const importErrors: typeof enErrors = {
  "import/empty": error("هذا الملف فارغ.", nothingStored, another),
  "import/crashed": error(
    "هذا الملف أوقف جزء التطبيق الذي قرأه.",
    "ذلك الجزء بلا مفاتيح ولم يرَ شيئًا من ملفك. " + nothingStored,
    another,
  ),
  "import/stuck": error("طالت قراءة هذا الملف فأُوقفت.", nothingStored, another),
  "import/zip-bomb": error("يصبح هذا الـ ZIP عند فكه أكبر كثيرًا مما ينبغي: {}.", nothingStored, another),
  "import/zip-many": error("في هذا الـ ZIP ملفات أكثر مما ينبغي: {} على الأكثر.", nothingStored, another),
  "import/zip-overlap": error(
    "ملفات في هذا الـ ZIP تتشارك بايتاتها، وهذا لا يكون في ملف سليم: {}.",
    nothingStored,
    another,
  ),
  "import/zip-damaged": error("هذا الـ ZIP تالف: {}.", nothingStored, "نزّله مرة أخرى"),
  "import/zip-kind": error("هذا النوع من ZIP لا يُقرأ هنا: {}.", nothingStored, "فكه واختر الملفات"),
  "import/zip-inside": error("لا يُفتح ZIP داخل ZIP: {}.", "يبقى داخل الذي حوله.", another),
  "import/xml": error("ملف XML هذا غير سليم: {}.", nothingStored, another),
  "import/xml-depth": error(
    "ملف XML هذا متداخل أكثر مما ينبغي: {} مستوى على الأكثر.",
    nothingStored,
    another,
  ),
  "import/xml-doctype": error("ملف XML هذا يأتي بقواعده (DOCTYPE)، ولا تُتبع هنا.", nothingStored, another),
  "import/ccda": error("تعذرت قراءة مستند C-CDA هذا: {}.", "يمكنك حفظه مستندًا.", another),
  "import/health": error("هذا ليس تصديرًا من Apple Health.", nothingStored, another),
  "import/health-none": error("لا قياسات في هذا التصدير يمكن قراءتها.", nothingStored, another),
  "import/csv-form": error("هذا الجدول غير سليم، أولًا في الصف {}.", nothingStored, another),
  "import/csv-none": error("لا صف فيه تاريخ وقيمة معًا.", nothingStored, "اختر الأعمدة مرة أخرى"),
  "import/keys": error("لا مفتاح لبطاقات صحية في هذا الملف.", nothingStored, another),
  "import/card-format": card("هذه ليست بطاقة صحية كما ينبغي: {}."),
  "import/card-many": card("في هذا الملف بطاقات أكثر مما ينبغي: {} على الأكثر."),
  "import/card-digits": card("أرقام رمز هذه البطاقة خاطئة: {}."),
  "import/card-missing": error("تنقص رموز من هذه البطاقة: {}.", nothingStored, "امسح كل رموزها"),
  "import/card-algorithm": card("هذه البطاقة ليست موقعة كما توقع البطاقات الصحية: {}."),
  "import/card-packing": card("هذه البطاقة ليست مضغوطة كما تضغط البطاقات الصحية."),
  "import/card-key": card("هذه البطاقة لا تسمي مفتاحها كما تفعل البطاقات الصحية."),
  "import/card-signature-form": card("توقيع هذه البطاقة على شكل خاطئ: {} بايت بدل 64."),
  "import/card-signature": card("التوقيع كاذب. غُيّرت هذه البطاقة، أو لم يوقعها من تدعيه. لا تعتمد عليها."),
  "import/card-payload": card("تعذرت قراءة ما في هذه البطاقة: {}."),
  "import/card-type": card("هذه البطاقة لا تقول إنها بطاقة صحية."),
  "import/card-dates": card("تواريخ هذه البطاقة غير معقولة: {}."),
  "import/card-early": card("هذه البطاقة صالحة ابتداء من {} فقط."),
  "import/link-form": error("هذا ليس رابطًا صحيًا كما ينبغي.", nothingStored, "انسخ الرابط كله"),
  "import/link-version": error("هذا الرابط الصحي من نوع أحدث: {}.", nothingStored, another),
  "import/link-first": error(
    "هذا الملف مقفل برابط صحي.",
    "لم يُحفظ شيء ولم يُرسل شيء. الصق الرابط أو امسحه أولًا، ثم أدخل الملف.",
    "أدخل الرابط",
  ),
  "import/link-key": error("المفتاح الذي في الرابط لا يفتح هذا الملف.", nothingStored, "اختر الملف الصحيح"),
  "import/link-access": error("هذا الرابط يفتح نظامًا آخر، لا ملفًا.", nothingStored, another),
  "import/link-elsewhere": error(
    "هذه القائمة تقول أين الملفات فقط: {}.",
    "لم يُحفظ شيء ولم يُرسل شيء. نزّلها هناك وأدخلها هنا.",
    another,
  ),
}
