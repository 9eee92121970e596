/** Made-up records of every type with a readable view, one person's folder: for looking at screens and for tests. */

const quantity = (value: string, unit: string): string =>
  `{"value": ${value}, "unit": "${unit}", "system": "http://unitsofmeasure.org", "code": "${unit}"}`

const mark = (code: string, display: string): string =>
  `[{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "${code}", "display": "${display}"}]}]`

const a1c = (id: string, day: string, value: string): string => `{
  "resourceType": "Observation", "id": "${id}", "status": "final",
  "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
  "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c/Hemoglobin.total in Blood"}], "text": "HbA1c"},
  "subject": {"reference": "Patient/amina"},
  "effectiveDateTime": "${day}T08:15:00+01:00",
  "valueQuantity": ${quantity(value, "%")},
  "referenceRange": [{"low": ${quantity("4.0", "%")}, "high": ${quantity("5.60", "%")}}]
}`

const pressure = (id: string, day: string, high: string, low: string): string => `{
  "resourceType": "Observation", "id": "${id}", "status": "final",
  "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9", "display": "Blood pressure panel"}], "text": "Blood pressure"},
  "effectiveDateTime": "${day}",
  "component": [
    {"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Systolic blood pressure"}]},
     "valueQuantity": ${quantity(high, "mm[Hg]")}, "interpretation": ${mark("H", "High")}},
    {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4", "display": "Diastolic blood pressure"}]},
     "valueQuantity": ${quantity(low, "mm[Hg]")}}
  ]
}`

/** A dot of color, 2 by 2 pixels, as a PNG. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGM4oaGhcUKDQUPjxIkTGgAgjgUBVoQyaQAAAABJRU5ErkJggg=="

export const resources: readonly string[] = [
  a1c("a1c-2026", "2026-03-14", "6.30"),
  a1c("a1c-2025", "2025-09-02", "6.8"),
  a1c("a1c-2024", "2024-09-10", "7.10"),
  a1c("a1c-2023", "2023-03-21", "8.20"),
  a1c("a1c-2022", "2022-03-02", "9.0"),
  pressure("bp-2026", "2026-03-14", "142", "84"),
  pressure("bp-2025", "2025-09-02", "138.0", "81"),
  `{
    "resourceType": "Observation", "id": "glucose", "status": "preliminary",
    "code": {"coding": [{"system": "http://loinc.org", "code": "15074-8", "display": "Glucose [Moles/volume] in Blood"}]},
    "effectiveDateTime": "2026-03-14", "valueQuantity": {"comparator": "<", "value": 2.50, "unit": "mmol/L"},
    "interpretation": ${mark("LL", "Critical low")}
  }`,
  `{
    "resourceType": "Observation", "id": "culture", "status": "cancelled",
    "code": {"text": "Throat culture"}, "effectiveDateTime": "2025-11",
    "dataAbsentReason": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "error", "display": "The sample broke"}]}
  }`,
  `{
    "resourceType": "Observation", "id": "smoking", "status": "final",
    "code": {"text": "Tobacco smoking status"}, "effectiveDateTime": "2024",
    "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "266919005", "display": "Never smoked tobacco"}]}
  }`,
  `{
    "resourceType": "Patient", "id": "amina", "active": true,
    "name": [{"use": "official", "prefix": ["Ms."], "given": ["Amina", "Nour"], "family": "Haddad"}],
    "gender": "female", "birthDate": "1992-04-01", "deceasedBoolean": false,
    "telecom": [{"system": "phone", "value": "+961 1 555 010", "use": "mobile"}],
    "address": [{"line": ["12 Cedar Street"], "city": "Beirut", "country": "LB", "use": "home"}],
    "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "ar", "display": "Arabic"}]}, "preferred": true}],
    "contact": [{"relationship": [{"text": "Sister"}], "name": {"text": "Leila Haddad"}}]
  }`,
  `{
    "resourceType": "Condition", "id": "diabetes",
    "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
    "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]},
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes mellitus type 2"}], "text": "Type 2 diabetes"},
    "onsetDateTime": "2021-03", "recordedDate": "2021-03-02", "note": [{"text": "Found at a routine check.", "authorString": "Dr. Lin Wei"}]
  }`,
  `{
    "resourceType": "Condition", "id": "asthma",
    "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]},
    "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted"}]},
    "code": {"text": "Asthma"}, "abatementAge": ${quantity("12", "a")}
  }`,
  `{
    "resourceType": "AllergyIntolerance", "id": "penicillin", "criticality": "high", "type": "allergy", "category": ["medication"],
    "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
    "code": {"text": "Penicillin"}, "recordedDate": "2008-05-19",
    "reaction": [{"manifestation": [{"text": "Hives"}, {"text": "Short of breath"}], "severity": "severe", "onset": "2008-05-18"}]
  }`,
  `{
    "resourceType": "MedicationRequest", "id": "metformin", "status": "active", "intent": "order", "authoredOn": "2026-03-14",
    "contained": [{"resourceType": "Medication", "id": "m1", "code": {"text": "Metformin 500 MG Oral Tablet"}}],
    "medicationReference": {"reference": "#m1"},
    "reasonReference": [{"reference": "Condition/diabetes"}],
    "dosageInstruction": [{
      "text": "One tablet twice a day with a meal",
      "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["C"]}},
      "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"}]},
      "doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "tablet"}}],
      "asNeededBoolean": false
    }],
    "dispenseRequest": {"numberOfRepeatsAllowed": 3, "quantity": {"value": 60, "unit": "tablets"}}
  }`,
  `{
    "resourceType": "MedicationRequest", "id": "aspirin", "status": "active", "intent": "order", "doNotPerform": true, "authoredOn": "2025-01-10",
    "medicationCodeableConcept": {"text": "Aspirin"}, "reasonCode": [{"text": "Stomach bleeding"}]
  }`,
  `{
    "resourceType": "MedicationStatement", "id": "vitamin", "status": "not-taken", "effectivePeriod": {"start": "2024-01", "end": "2024-06-30"},
    "medicationCodeableConcept": {"text": "Vitamin D"}, "dosage": [{"text": "1000 IU a day"}]
  }`,
  `{
    "resourceType": "MedicationAdministration", "id": "given", "status": "completed", "effectiveDateTime": "2025-11-03T09:00:00+01:00",
    "medicationCodeableConcept": {"text": "Paracetamol"}, "dosage": {"dose": {"value": 1000.0, "unit": "mg"}, "route": {"text": "By mouth"}}
  }`,
  `{
    "resourceType": "MedicationDispense", "id": "handed", "status": "completed", "whenHandedOver": "2026-03-15",
    "medicationCodeableConcept": {"text": "Metformin 500 MG Oral Tablet"}, "quantity": {"value": 60, "unit": "tablets"}, "daysSupply": {"value": 30, "unit": "d"}
  }`,
  `{
    "resourceType": "DiagnosticReport", "id": "report", "status": "final", "effectiveDateTime": "2026-03-14",
    "code": {"text": "Diabetes check"}, "conclusion": "Better than last time.",
    "result": [{"reference": "Observation/a1c-2026"}, {"reference": "Observation/bp-2026"}, {"reference": "Observation/gone"}],
    "presentedForm": [{"contentType": "application/pdf", "title": "Report", "data": "JVBERi0xLjQK"}]
  }`,
  `{
    "resourceType": "Immunization", "id": "tetanus", "status": "completed", "occurrenceDateTime": "2023-06-01",
    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "115", "display": "Tdap"}]},
    "lotNumber": "AAJN11K", "protocolApplied": [{"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 3}]
  }`,
  `{
    "resourceType": "Procedure", "id": "appendix", "status": "completed", "code": {"text": "Appendectomy"},
    "performedPeriod": {"start": "2013-04-05", "end": "2013-04-06"}, "outcome": {"text": "Went well"}
  }`,
  `{
    "resourceType": "Encounter", "id": "visit", "status": "finished", "period": {"start": "2026-03-14T08:00:00+01:00"},
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"},
    "type": [{"text": "Diabetes visit"}], "reasonCode": [{"text": "Check of three months"}]
  }`,
  `{
    "resourceType": "DocumentReference", "id": "letter", "status": "current", "description": "Letter of the eye clinic", "date": "2025-05-02T10:00:00Z",
    "content": [
      {"attachment": {"contentType": "text/plain", "title": "Letter", "data": "Tm8gZGFtYWdlIG9mIHRoZSByZXRpbmEu"}},
      {"attachment": {"contentType": "image/png", "title": "Retina", "data": "${png}"}},
      {"attachment": {"contentType": "text/html", "data": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}},
      {"attachment": {"contentType": "image/png", "url": "https://elsewhere.example/retina.png"}}
    ]
  }`,
  `{
    "resourceType": "CarePlan", "id": "plan", "status": "active", "intent": "plan", "title": "Diabetes plan", "period": {"start": "2026-03-14"},
    "addresses": [{"reference": "Condition/diabetes"}], "goal": [{"reference": "Goal/walk"}],
    "activity": [{"detail": {"status": "in-progress", "description": "Walk 30 minutes a day", "scheduledTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}}]
  }`,
  `{
    "resourceType": "Goal", "id": "walk", "lifecycleStatus": "active", "description": {"text": "HbA1c below 6.5 %"}, "startDate": "2026-03-14",
    "target": [{"measure": {"text": "HbA1c"}, "detailRange": {"high": ${quantity("6.50", "%")}}, "dueDate": "2026-12-31"}]
  }`,
  `{
    "resourceType": "ImagingStudy", "id": "chest", "status": "available", "started": "2024-02-11T11:00:00Z", "description": "Chest X-ray",
    "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "DX"}], "numberOfSeries": 1, "numberOfInstances": 2,
    "series": [{"uid": "2.25.1", "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "DX"}, "instance": [{"uid": "2.25.2", "sopClass": {"system": "urn:ietf:rfc:3986", "code": "urn:oid:1.2.840.10008.5.1.4.1.1.1.1"}}]}]
  }`,
  `{
    "resourceType": "Composition", "id": "summary", "status": "final", "title": "Patient summary", "date": "2026-03-14",
    "type": {"text": "Patient summary"}, "section": [{"title": "Problems", "text": {"status": "generated", "div": "<div>Type 2 <b>diabetes</b></div>"}, "entry": [{"reference": "Condition/diabetes"}]}]
  }`,
  `{
    "resourceType": "Bundle", "id": "inner", "type": "document", "timestamp": "2026-03-14T09:00:00Z",
    "entry": [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Condition", "id": "c", "code": {"text": "Type 2 diabetes"}}}]
  }`,
  `{
    "resourceType": "Medication", "id": "tablet", "code": {"text": "Metformin 500 MG Oral Tablet"}, "form": {"text": "Tablet"},
    "ingredient": [{"itemCodeableConcept": {"text": "Metformin"}, "strength": {"numerator": {"value": 500.0, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablet"}}}]
  }`,
  `{
    "resourceType": "Media", "id": "skin", "status": "completed", "createdDateTime": "2025-08-01", "bodySite": {"text": "Left arm"},
    "content": {"contentType": "image/png", "data": "${png}"}
  }`,
  `{ "resourceType": "Claim", "id": "claim", "status": "active", "total": {"value": 120.00, "currency": "EUR"}, "created": "2026-03-15" }`,
]
