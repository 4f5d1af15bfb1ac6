// Names of what can be entered, in English and German.

import { knows, language, t } from "./words.js";

const UNITS = { Cel: "°C", "mm[Hg]": "mmHg", a: "a", "10*9/L": "10⁹/l", "10*3/uL": "10³/µl", "L/min": "l/min", L: "l", "ug/L": "µg/l", "umol/L": "µmol/l" };
const NAMES = {
  kind: {
    oxygen: ["Oxygen", "Sauerstoff"],
    spot: ["Measured by hand", "Von Hand gemessen"],
    antipyretic: ["Fever drug", "Fiebermittel"],
    tocilizumab: ["Tocilizumab", "Tocilizumab"],
    steroid: ["Steroid", "Steroid"],
    vasopressor: ["Vasopressor", "Vasopressor"],
    fluids: ["Fluids", "Flüssigkeit"],
    consciousness: ["Consciousness", "Bewusstsein"],
    ice: ["ICE points", "ICE-Punkte"],
    symptom: ["Symptom", "Symptom"],
    lab: ["Laboratory", "Labor"],
    infusion: ["Cells or antibody given", "Zellen oder Antikörper gegeben"],
    transfusion: ["Transfusion", "Transfusion"],
    procedure: ["Procedure, pain", "Eingriff, Schmerz"],
    cooling: ["Cooling", "Kühlung"],
    flag: ["Special note", "Besonderheit"],
    crs: ["Physician on CRS", "Ärztlich zu CRS"],
    baseline: ["Own usual value", "Eigener üblicher Wert"],
    age: ["Age", "Alter"],
    weight: ["Weight", "Gewicht"],
    admitted: ["Admission", "Aufnahme"],
    transferred: ["Transfer to this bed", "Verlegung in dieses Bett"],
    discharged: ["Discharge", "Entlassung"],
    away: ["Away from the bed", "Nicht am Bett"],
  },
  label: {
    oxygen: ["Device", "Gerät"],
    spot: ["Vital sign", "Vitalzeichen"],
    baseline: ["Vital sign", "Vitalzeichen"],
    infusion: ["Product", "Präparat"],
    transfusion: ["Product", "Präparat"],
    consciousness: ["State", "Zustand"],
    symptom: ["Symptom", "Symptom"],
    lab: ["Value", "Wert"],
    procedure: ["What", "Was"],
    flag: ["What", "Was"],
    crs: ["Verdict", "Urteil"],
    cooling: ["With what", "Womit"],
    fluids: ["Which", "Welche"],
  },
  oxygen: {
    air: ["room air", "Raumluft"],
    "nasal cannula": ["nasal cannula", "Nasenbrille"],
    "blow-by": ["blow-by", "Vorhalten"],
    "high-flow cannula": ["high-flow cannula", "High-Flow-Brille"],
    "face mask": ["face mask", "Maske"],
    "venturi mask": ["venturi mask", "Venturi-Maske"],
    "non-rebreather": ["non-rebreather mask", "Reservoirmaske"],
    cpap: ["CPAP", "CPAP"],
    bipap: ["BiPAP", "BiPAP"],
    ventilator: ["ventilator", "Beatmung"],
  },
  vital: {
    heart_rate: ["heart rate", "Herzfrequenz"],
    pulse_rate: ["pulse", "Puls"],
    spo2: ["SpO₂", "SpO₂"],
    temperature: ["temperature", "Temperatur"],
    respiratory_rate: ["breathing rate", "Atemfrequenz"],
    nibp_systolic: ["systolic, cuff", "systolisch, Manschette"],
    nibp_diastolic: ["diastolic, cuff", "diastolisch, Manschette"],
    nibp_mean: ["mean, cuff", "Mittel, Manschette"],
    art_systolic: ["systolic, line", "systolisch, arteriell"],
    art_diastolic: ["diastolic, line", "diastolisch, arteriell"],
    art_mean: ["mean, line", "Mittel, arteriell"],
    perfusion_index: ["perfusion index", "Perfusionsindex"],
    etco2: ["end-tidal CO₂", "endtidales CO₂"],
  },
  site: {
    oral: ["mouth", "Mund"],
    axillary: ["armpit", "Achsel"],
    tympanic: ["ear", "Ohr"],
    rectal: ["rectal", "rektal"],
    bladder: ["bladder", "Blase"],
    core: ["core", "Kern"],
    esophageal: ["oesophagus", "Speiseröhre"],
    nasopharyngeal: ["nasopharynx", "Nasenrachen"],
    blood: ["blood", "Blut"],
    skin: ["skin", "Haut"],
    spo2: ["oximeter", "Oxymeter"],
    nibp: ["cuff", "Manschette"],
  },
  consciousness: {
    A: ["A: alert", "A: wach"],
    C: ["C: newly confused", "C: neu verwirrt"],
    V: ["V: responds to voice", "V: reagiert auf Ansprache"],
    P: ["P: responds to pain", "P: reagiert auf Schmerz"],
    U: ["U: unresponsive", "U: reagiert nicht"],
  },
  symptom: {
    chills: ["chills", "Schüttelfrost"],
    headache: ["headache", "Kopfschmerz"],
    dyspnoea: ["short of breath", "Atemnot"],
    confusion: ["confusion", "Verwirrtheit"],
    aphasia: ["trouble speaking", "Sprachstörung"],
    tremor: ["tremor", "Zittern"],
    seizure: ["seizure", "Krampfanfall"],
    drowsiness: ["drowsy", "Schläfrigkeit"],
    fatigue: ["exhausted", "Erschöpfung"],
    myalgia: ["muscle pain", "Muskelschmerz"],
    nausea: ["nausea", "Übelkeit"],
    rash: ["rash", "Ausschlag"],
  },
  flag: {
    neutropenia: ["neutropenia", "Neutropenie"],
    culture: ["blood culture taken", "Blutkultur abgenommen"],
    beta_blocker: ["beta blocker", "Betablocker"],
    paced: ["pacemaker", "Schrittmacher"],
    hypercapnic: ["hypercapnic", "Hyperkapnie"],
    infusion_reaction: ["infusion reaction", "Infusionsreaktion"],
    limits: ["limits of treatment", "Therapiebegrenzung"],
  },
  procedure: {
    procedure: ["procedure", "Eingriff"],
    pain: ["pain", "Schmerz"],
    mobilising: ["out of bed", "Mobilisation"],
  },
  lab: {
    il6: ["interleukin 6", "Interleukin 6"],
    crp: ["CRP", "CRP"],
    ferritin: ["ferritin", "Ferritin"],
    ldh: ["LDH", "LDH"],
    creatinine: ["creatinine", "Kreatinin"],
    platelets: ["platelets", "Thrombozyten"],
  },
  crs: {
    confirmed: ["confirmed", "bestätigt"],
    ruled_out: ["ruled out", "ausgeschlossen"],
  },
};

// The word for a name of an entry; the label of its field for an empty name.
export function nameOf(kind, name) {
  const column = language() === "de" ? 1 : 0;
  if (!name) return NAMES.label[kind]?.[column] ?? NAMES.kind[kind]?.[column] ?? "";
  if (name === "none") return t("none_given");
  const table = NAMES[kind === "spot" || kind === "baseline" ? "vital" : kind];
  if (kind === "away" && knows(name)) return t(name);
  return table?.[name]?.[column] ?? name;
}

// A unit as people write it.
export function unitOf(unit) {
  if (unit === "a") return language() === "de" ? "Jahre" : "years";
  return UNITS[unit] ?? unit;
}
