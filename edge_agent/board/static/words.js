// Every word of the pages, in English and German. Sentences about patients come from the server.

const WORDS = {
  starting: ["Starting", "Startet"],
  // views
  ward: ["Ward", "Station"],
  alerts: ["Alerts", "Alarme"],
  handover: ["Handover", "Übergabe"],
  audit: ["Record", "Nachweis"],
  screen: ["Screen", "Bildschirm"],
  skip: ["Skip to the beds", "Zu den Betten springen"],
  views: ["Views", "Ansichten"],
  back: ["Back to the ward", "Zurück zur Station"],
  close: ["Close", "Schließen"],
  // watching
  watching: ["Watching {n} of {m} beds", "{n} von {m} Betten überwacht"],
  some_degraded: ["{n} with signals missing", "{n} mit fehlenden Signalen"],
  some_away: ["away: {beds}", "abwesend: {beds}"],
  not_watched: ["not watched: {beds}", "nicht überwacht: {beds}"],
  no_beds: ["No bed is set up here.", "Hier ist kein Bett eingerichtet."],
  gateway_lost: ["gateway lost since {time}", "Gateway verloren seit {time}"],
  gateway_stopped: ["gateway stopped at {time}", "Gateway beendet um {time}"],
  way_failing: ["{name} fails since {time}: {why}", "{name} gestört seit {time}: {why}"],
  auditor_fault: ["Alert check found: {what}", "Alarmprüfung fand: {what}"],
  auditor_silent: ["Alert check silent since {time}", "Alarmprüfung stumm seit {time}"],
  test_passed: ["Alert test passed {time}, {bed}, {by}", "Alarmtest bestanden {time}, {bed}, {by}"],
  test_open: ["Alert test running: {bed}", "Alarmtest läuft: {bed}"],
  test_failed: ["Alert test not answered {time}, {bed}", "Alarmtest unbeantwortet {time}, {bed}"],
  test_never: ["No alert test yet", "Noch kein Alarmtest"],
  now_live: ["Connected again. Everything shown is live.", "Wieder verbunden. Alles Gezeigte ist aktuell."],
  lost_title: ["No connection since {time}", "Keine Verbindung seit {time}"],
  lost_text: [
    "Nothing on this screen is live. Watch the monitors at the beds.",
    "Nichts auf diesem Bildschirm ist aktuell. Auf die Monitore am Bett achten.",
  ],
  lost_retry: ["It connects by itself as soon as it can.", "Er verbindet sich von selbst, sobald es geht."],
  waking_title: ["Fetching the present state", "Aktueller Stand wird geholt"],
  clocks_page: [
    "This device's clock is {span} {way}. All times shown are the ward's.",
    "Die Uhr dieses Geräts geht {span} {way}. Alle Zeiten sind die der Station.",
  ],
  clocks_gateway: ["Clocks of gateway and board differ by {span}.", "Die Uhren von Gateway und Tafel weichen um {span} ab."],
  fast: ["fast", "vor"],
  slow: ["slow", "nach"],
  // sound
  sound_off: ["Sound is off on this screen: tap to test", "Ton ist aus: zum Testen tippen"],
  sound_stopped: ["Sound has stopped on this screen: tap to test", "Ton ausgefallen: zum Testen tippen"],
  sound_testing: ["Test tone is playing", "Testton läuft"],
  sound_on: ["Sound on", "Ton an"],
  sounding_for: ["Sounding: {priority}, {beds}", "Ton für: {priority}, {beds}"],
  sound_paused: ["Sound paused, {left} left", "Ton pausiert, noch {left}"],
  pause_sound: ["Pause sound 2 min", "Ton 2 min pausieren"],
  pause_here: ["Quiet here 2 min", "Hier 2 min still"],
  phone_short: ["A locked phone does not ring.", "Ein gesperrtes Telefon klingelt nicht."],
  phone_locked: [
    "A locked phone does not ring. This page is for answering.",
    "Ein gesperrtes Telefon klingelt nicht. Diese Seite dient zum Antworten.",
  ],
  test_sound: ["Test sound", "Ton testen"],
  // vitals
  heart_rate: ["HR", "HF"],
  spo2: ["SpO₂", "SpO₂"],
  temperature: ["T", "T"],
  pressure: ["BP", "RR"],
  respiratory_rate: ["RR", "AF"],
  heart_rate_long: ["Heart rate", "Herzfrequenz"],
  spo2_long: ["Oxygen saturation", "Sauerstoffsättigung"],
  temperature_long: ["Temperature", "Temperatur"],
  pressure_long: ["Blood pressure", "Blutdruck"],
  respiratory_rate_long: ["Breathing rate", "Atemfrequenz"],
  mean: ["mean {value}", "Mittel {value}"],
  cuff: ["cuff", "Manschette"],
  line: ["line", "arteriell"],
  up: ["rising", "steigt"],
  down: ["falling", "fällt"],
  flat: ["steady", "stabil"],
  in_alarm: ["in alarm", "im Alarm"],
  age: ["{span} ago", "vor {span}"],
  old: ["too old", "zu alt"],
  off: ["not measured", "nicht gemessen"],
  never: ["never measured", "nie gemessen"],
  doubtful: ["in doubt", "zweifelhaft"],
  usual: ["usual {low} to {high}", "üblich {low} bis {high}"],
  no_value: ["no current value", "kein aktueller Wert"],
  // bed
  day: ["Day {n}", "Tag {n}"],
  crs: ["CRS {score}", "CRS {score}"],
  crs_grade: ["if CRS: ASTCT grade {grade}", "falls CRS: ASTCT-Grad {grade}"],
  crs_missing: ["to narrow the grade, enter or measure: {what}", "für einen engeren Grad eintragen oder messen: {what}"],
  assessing: ["Watched", "Überwacht"],
  degraded: ["Partly watched", "Teilweise überwacht"],
  not_assessing: ["Not watched", "Nicht überwacht"],
  away: ["Away: {reason} until {time}", "Abwesend: {reason} bis {time}"],
  away_title: ["Not watched: away", "Nicht überwacht: abwesend"],
  empty_bed: ["Free bed", "Bett frei"],
  since: ["since {time}", "seit {time}"],
  sort: ["Sort", "Ordnen"],
  by_concern: ["By urgency", "Nach Dringlichkeit"],
  by_bed: ["By bed", "Nach Bett"],
  // problem
  high: ["HIGH", "HOCH"],
  medium: ["MED", "MITTEL"],
  low: ["low", "gering"],
  technical: ["SIGNAL", "SIGNAL"],
  test: ["TEST", "TEST"],
  answered: ["ANSWERED", "BEANTWORTET"],
  latched: ["ENDED", "BEENDET"],
  latched_text: ["Ended, not seen by anybody", "Beendet, von niemandem gesehen"],
  nobody: ["Nobody yet", "Noch niemand"],
  answered_by: ["{by} since {time}", "{by} seit {time}"],
  answered_rest: ["Rest: {by}", "Rest: {by}"],
  answer_until: ["Rings again at {time} if it goes on", "Meldet sich {time} wieder, falls es anhält"],
  silenced: ["Silent until {time} ({by})", "Still bis {time} ({by})"],
  better: ["getting better", "wird besser"],
  worse: ["getting worse", "wird schlechter"],
  same: ["unchanged", "unverändert"],
  im_on_it: ["I'm on it", "Ich gehe"],
  seen_it: ["Seen", "Gesehen"],
  more: ["Other", "Anderes"],
  other_answer: ["Other answer", "Andere Antwort"],
  cannot_come: ["I cannot come", "Ich kann nicht"],
  silence: ["Silence", "Stumm"],
  silence_long: ["Silence the sound", "Ton stummschalten"],
  sending: ["Sending", "Wird gesendet"],
  not_confirmed: ["Not confirmed. Try again.", "Nicht bestätigt. Noch einmal versuchen."],
  not_sent: ["Not sent: no connection. Try again.", "Nicht gesendet: keine Verbindung. Noch einmal versuchen."],
  refused: ["Refused.", "Abgelehnt."],
  called: ["Called", "Gerufen"],
  next_call: ["Next: {duty} {person} at {time}", "Als Nächstes: {duty} {person} um {time}"],
  delivered: ["delivered", "zugestellt"],
  person_seen: ["seen", "gesehen"],
  failed: ["not delivered", "nicht zugestellt"],
  signs: ["Signs", "Zeichen"],
  part_of: ["part of it", "Teil davon"],
  stale: ["cannot be observed now", "derzeit nicht beobachtbar"],
  inhibited: ["paused while away", "pausiert während Abwesenheit"],
  why: ["Why", "Warum"],
  no_alerts: ["No open alert.", "Kein offener Alarm."],
  open_alerts: ["Open alerts", "Offene Alarme"],
  all: ["All", "Alle"],
  priority: ["Priority", "Priorität"],
  bed: ["Bed", "Bett"],
  what: ["What", "Was"],
  who: ["Who", "Wer"],
  when: ["When", "Wann"],
  reason: ["Reason", "Grund"],
  choose_reason: ["Choose a reason", "Grund wählen"],
  with_other: ["with another patient", "bei anderem Patienten"],
  off_ward: ["not on the ward", "nicht auf Station"],
  not_mine: ["not my patient", "nicht mein Patient"],
  with_patient: ["I am with the patient", "ich bin beim Patienten"],
  known: ["known and treated", "bekannt und behandelt"],
  nursing: ["nursing at the bed", "Pflege am Bett"],
  second_look_silence: [
    "The sound stops for up to 2 minutes. The alert stays open and somebody still has to come.",
    "Der Ton schweigt bis zu 2 Minuten. Der Alarm bleibt offen, es muss weiter jemand kommen.",
  ],
  second_look_reject: ["The next person is called at once.", "Die nächste Person wird sofort gerufen."],
  // identify
  who_are_you: ["Who are you?", "Wer sind Sie?"],
  for_what: ["{what}, {bed}", "{what}, {bed}"],
  staff_id: ["Staff id", "Personalkennung"],
  pin: ["PIN", "PIN"],
  password: ["Password", "Passwort"],
  badge_hint: ["Or hold your badge to the reader.", "Oder Ausweis an das Lesegerät halten."],
  confirm: ["Confirm", "Bestätigen"],
  cancel: ["Cancel", "Abbrechen"],
  erase: ["Erase", "Löschen"],
  sign_in: ["Sign in", "Anmelden"],
  sign_out: ["Sign out", "Abmelden"],
  make_shared: ["Make this a shared screen", "Gemeinsamer Bildschirm"],
  is_shared: ["This is a shared screen now.", "Das ist jetzt ein gemeinsamer Bildschirm."],
  unlock: ["Unlock a colleague", "Kollegen entsperren"],
  badge_now: ["Hold the colleague's badge to the reader.", "Ausweis der gesperrten Person an das Lesegerät halten."],
  unlocked: ["Unlocked.", "Entsperrt."],
  sign_in_first: ["Sign in to see the ward.", "Zum Ansehen der Station anmelden."],
  use_pin: ["With PIN", "Mit PIN"],
  use_password: ["With password", "Mit Passwort"],
  // bed view
  last_hours: ["Course", "Verlauf"],
  hours: ["{n} h", "{n} h"],
  days: ["{n} d", "{n} T"],
  no_trend: ["No values in this time.", "Keine Werte in dieser Zeit."],
  loading: ["Loading", "Lädt"],
  not_loaded: ["Not loaded. Try again.", "Nicht geladen. Noch einmal versuchen."],
  treatments: ["Entered", "Eingetragen"],
  enter: ["Enter", "Eintragen"],
  more_kinds: ["Everything else", "Alles Weitere"],
  check_entry: ["Is this right?", "Stimmt das?"],
  entered_by: ["{by}, entered {time}", "{by}, eingetragen {time}"],
  change: ["Change", "Ändern"],
  correct: ["Correct", "Berichtigen"],
  end_it: ["End", "Beenden"],
  take_back: ["Withdraw", "Zurücknehmen"],
  take_back_look: ["Withdraw this entry as a mistake?", "Diesen Eintrag als Irrtum zurücknehmen?"],
  corrected: ["corrected", "berichtigt"],
  withdrawn: ["withdrawn", "zurückgenommen"],
  entry_there: ["Entered.", "Eingetragen."],
  no_entries: ["Nothing entered yet.", "Noch nichts eingetragen."],
  all_entries: ["Everything entered", "Alle Einträge"],
  past_alerts: ["Alerts so far", "Bisherige Alarme"],
  no_past_alerts: ["No alert so far.", "Bisher kein Alarm."],
  another_patient: ["Another patient is in {bed} now. What was begun here is closed.", "In {bed} liegt jetzt jemand anderes. Begonnenes wurde geschlossen."],
  amount: ["Amount", "Menge"],
  value: ["Value", "Wert"],
  unit: ["Unit", "Einheit"],
  site: ["Where measured", "Messort"],
  from_time: ["Since", "Seit"],
  until_time: ["Until (leave empty while it goes on)", "Bis (leer, solange es andauert)"],
  until: ["until {time}", "bis {time}"],
  until_needed: ["Back by", "Zurück bis"],
  patient: ["Pseudonym, never a name", "Pseudonym, nie ein Name"],
  required: ["Please fill in: {what}", "Bitte ausfüllen: {what}"],
  between: ["{what}: from {low} to {high}", "{what}: von {low} bis {high}"],
  none_given: ["none", "keines"],
  go_away: ["Patient leaves the bed", "Patient verlässt das Bett"],
  go_away_text: [
    "The bed is not watched until then. Signals that are back earlier are announced.",
    "Das Bett wird bis dahin nicht überwacht. Kommen Signale früher zurück, wird das gemeldet.",
  ],
  is_back: ["Patient is back", "Patient ist zurück"],
  shower: ["shower", "Dusche"],
  ct: ["CT", "CT"],
  transport: ["transport", "Transport"],
  therapy: ["therapy", "Therapie"],
  other: ["other", "anderes"],
  protocol: ["Your hospital's protocol", "Standard Ihres Hauses"],
  protocol_of: ["grade {grade}, version {version}", "Grad {grade}, Fassung {version}"],
  no_protocol: ["Your hospital has not stored one.", "Ihr Haus hat keines hinterlegt."],
  start_test: ["Start the test", "Test starten"],
  begun: ["Sent.", "Gesendet."],
  test_alert: ["Test alert", "Testalarm"],
  test_alert_look: [
    "An alert marked TEST runs through every screen and way out. It says nothing about the patient.",
    "Ein Alarm mit dem Zeichen TEST läuft über alle Bildschirme und Wege. Er sagt nichts über den Patienten.",
  ],
  // handover, record
  print: ["Print", "Drucken"],
  handover_at: ["Handover {ward}, {time}", "Übergabe {ward}, {time}"],
  not_device: [
    "Research and evaluation only; not cleared or CE-marked.",
    "Nur für Forschung und Erprobung; nicht zugelassen, ohne CE-Zeichen.",
  ],
  no_acts: ["Nothing recorded yet.", "Noch nichts aufgezeichnet."],
  not_allowed: ["Your role may not see this.", "Ihre Rolle darf das nicht sehen."],
  detail: ["Detail", "Einzelheit"],
  act: ["Act", "Handlung"],
  // screen
  this_screen: ["This screen", "Dieser Bildschirm"],
  theme: ["Colours", "Farben"],
  auto: ["as the device", "wie das Gerät"],
  dark: ["dark", "dunkel"],
  light: ["light", "hell"],
  language: ["Language", "Sprache"],
  screen_name: ["Name of this screen", "Name dieses Bildschirms"],
  awake: ["This screen stays awake.", "Dieser Bildschirm bleibt an."],
  may_sleep: ["This screen may go to sleep.", "Dieser Bildschirm kann ausgehen."],
  no_wake_lock: ["This browser cannot keep the screen awake.", "Dieser Browser kann den Bildschirm nicht wach halten."],
  sound_hint: [
    "The test tone runs through the same output as every alert.",
    "Der Testton läuft über denselben Ausgang wie jeder Alarm.",
  ],
  screens: ["Screens of this ward", "Bildschirme der Station"],
  can_sound: ["sounds", "tönt"],
  is_silent: ["silent", "stumm"],
  ways: ["Ways out", "Wege nach außen"],
  ok: ["works", "geht"],
  failing: ["fails", "gestört"],
  unknown: ["not known", "nicht bekannt"],
};

let column = 0;

// Choose the language of the page.
export function setLanguage(language) {
  column = language === "de" ? 1 : 0;
  document.documentElement.lang = language === "de" ? "de" : "en";
}

// The page's language.
export function language() {
  return column === 1 ? "de" : "en";
}

// Words of the page, with values filled in.
export function t(key, values = {}) {
  const text = WORDS[key]?.[column] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// True if the page has words for a key.
export function knows(key) {
  return key in WORDS;
}

// What the server says, in the page's language.
export function say(words) {
  if (typeof words === "string") return words;
  return words?.[language()] ?? words?.en ?? "";
}

// Several statements of the server as one text.
export function sayAll(list) {
  return (list ?? []).map(say).filter(Boolean).join(", ");
}

// A sentence whose numbers keep their units on one line.
export function tight(text) {
  return text.replace(/(\d) (?=%|°C|mmHg|\/min|min|s\b|h\b|l\b)/g, "$1\u00a0");
}

// A number as the page's language writes it.
export function numeral(text) {
  return column === 1 ? String(text).replace(/(\d)\.(\d)/g, "$1,$2") : String(text);
}

// A range such as 1-3, or its one value.
export function range(pair) {
  if (!pair) return "";
  const [low, high] = pair.map(String);
  return low === high ? low : `${low}–${high}`;
}
