// Everything that can be entered about a patient, with the limits that the gateway checks.
// names: null for any drug or product, [] for no name; amount: null for none.

const VITALS = {
  temperature: [33, 42.5, "Cel"],
  heart_rate: [20, 280, "/min"],
  pulse_rate: [20, 280, "/min"],
  spo2: [40, 100, "%"],
  respiratory_rate: [4, 110, "/min"],
  nibp_systolic: [30, 250, "mm[Hg]"],
  nibp_diastolic: [10, 150, "mm[Hg]"],
  nibp_mean: [15, 200, "mm[Hg]"],
  perfusion_index: [0, 30, "%"],
  etco2: [0, 150, "mm[Hg]"],
};
const LINE = {
  art_systolic: [20, 280, "mm[Hg]"],
  art_diastolic: [10, 280, "mm[Hg]"],
  art_mean: [15, 280, "mm[Hg]"],
};
const DOSE = [0, 100000];
const SITES = {
  temperature: ["", "oral", "axillary", "tympanic", "rectal", "bladder", "core", "esophageal", "nasopharyngeal", "blood", "skin"],
  pulse_rate: ["", "spo2", "nibp"],
};
const LAB_UNITS = {
  il6: ["pg/mL", "ng/L"],
  crp: ["mg/L", "mg/dL"],
  ferritin: ["ug/L", "ng/mL"],
  ldh: ["U/L"],
  creatinine: ["mg/dL", "umol/L"],
  platelets: ["10*9/L", "10*3/uL"],
};

export const ENTRIES = {
  oxygen: { names: ["air", "nasal cannula", "blow-by", "high-flow cannula", "face mask", "venturi mask", "non-rebreather", "cpap", "bipap", "ventilator"], amount: [0, 100], unit: "L/min", ends: true },
  spot: { names: Object.keys(VITALS), vitals: VITALS, sites: SITES, needs: true },
  antipyretic: { names: null, none: true, amount: DOSE, anyUnit: true, hints: ["paracetamol", "metamizole", "ibuprofen"] },
  tocilizumab: { names: null, nameless: true, none: true, amount: DOSE, anyUnit: true, hints: ["tocilizumab"] },
  steroid: { names: null, none: true, amount: DOSE, anyUnit: true, hints: ["dexamethasone", "methylprednisolone", "prednisolone"] },
  vasopressor: { names: null, none: true, amount: DOSE, anyUnit: true, ends: true, hints: ["norepinephrine", "epinephrine", "vasopressin"] },
  fluids: { names: null, nameless: true, amount: [0, 20], unit: "L", needs: true, ends: true, hints: [] },
  consciousness: { names: ["A", "C", "V", "P", "U"] },
  ice: { names: [], amount: [0, 10], needs: true, whole: true },
  symptom: { names: ["chills", "headache", "dyspnoea", "confusion", "aphasia", "tremor", "seizure", "drowsiness", "fatigue", "myalgia", "nausea", "rash"], ends: true },
  lab: { names: Object.keys(LAB_UNITS), units: LAB_UNITS, amount: [0, 1e7], needs: true },
  infusion: { names: null, hints: ["axi-cel", "tisa-cel", "liso-cel", "brexu-cel", "ide-cel", "cilta-cel", "obe-cel", "afami-cel", "teclistamab", "talquetamab", "unknown"] },
  transfusion: { names: null, none: true, ends: true, hints: ["red cells", "platelets", "plasma"] },
  procedure: { names: ["procedure", "pain", "mobilising"], ends: true },
  cooling: { names: null, nameless: true, none: true, ends: true, hints: ["blanket"] },
  flag: { names: ["neutropenia", "culture", "beta_blocker", "paced", "hypercapnic", "infusion_reaction", "limits"], ends: true },
  crs: { names: ["confirmed", "ruled_out"] },
  baseline: { names: [...Object.keys(VITALS), ...Object.keys(LINE)], vitals: { ...VITALS, ...LINE }, needs: true },
  age: { names: [], amount: [0, 120], unit: "a", needs: true },
  weight: { names: [], amount: [0.3, 400], unit: "kg", needs: true },
  admitted: { names: [], patient: true },
  transferred: { names: [], patient: true },
  discharged: { names: [] },
};

export const NONE = "none";
export const AWAY = ["ct", "transport", "therapy", "shower", "other"];
