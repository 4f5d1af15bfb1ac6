// An alert manager in another language: it speaks MLLP, takes segments apart on its own, answers
// each ORU^R40, and reports the alert's status (R41). It prints what it understood, one JSON object
// a line; the first line names its port.
//
// node alert_manager.mjs MANNER [HOST PORT]
//   acknowledge       MSA|AA
//   report            MSA|AA, then the status as a message of its own over the same connection
//   answer            the status itself is the answer
//   call HOST PORT    MSA|AA, then the status over a connection to HOST:PORT
import net from "node:net";
import process from "node:process";

const [manner, host, port] = process.argv.slice(2);
const BEGIN = 0x0b, END = 0x1c, CR = 0x0d;
const ESCAPES = { F: "|", S: "^", T: "&", R: "~", E: "\\" };

const plain = (text) => text.replace(/\\([FSTRE])\\/g, (_, name) => ESCAPES[name]);
const framed = (text) =>
  Buffer.concat([Buffer.from([BEGIN]), Buffer.from(text, "utf8"), Buffer.from([END, CR])]);
const say = (fact) => process.stdout.write(JSON.stringify(fact) + "\n");

function takeApart(text) {
  const segments = text.split("\r").filter(Boolean).map((line) => line.split("|"));
  const header = segments[0];
  const all = (name) => segments.filter((fields) => fields[0] === name);
  const [request] = all("OBR");
  const rows = {};
  for (const row of all("OBX")) rows[row[3].split("^")[0]] = plain(row[5]);
  return {
    kind: header[8],
    controlId: header[9],
    version: header[11],
    accept: header[14],
    application: header[15],
    profile: (header[20] || "").split("^")[0],
    charset: header[17],
    filler: request ? request[3].split("^") : [],
    parent: request && request[29] ? request[29].split("^")[1].split("&") : null,
    person: request ? request[28] || "" : "",
    bed: (all("PV1")[0][3] || "").split("^")[2],
    patient: all("PID").map((fields) => fields.join("|")),
    rows,
  };
}

const statusOf = (alert, word, head) =>
  `${head}\rOBR|||${alert.filler[0]}^${alert.filler[1]}\r` +
  `PRT|1|UC|${word}|RO|${alert.person}^Beckett^Ann\r`;

function answers(alert) {
  const now = "20231114221321";
  const accepted = `MSH|^~\\&|AM|WARD|||${now}||ACK^R40|A${alert.controlId}|P|2.6\rMSA|AA|${alert.controlId}\r`;
  if (manner === "answer" && alert.person)
    return [
      statusOf(
        alert,
        "Delivered",
        `MSH|^~\\&|AM|WARD|||${now}||ORA^R41^ORA_R41|A1|P|2.6\rMSA|AA|${alert.controlId}`,
      ),
    ];
  const own = `MSH|^~\\&|AM|WARD|||${now}||ORA^R41^ORA_R41|S1|P|2.6|||AL|NE`;
  if (manner === "report" && alert.person) return [accepted, statusOf(alert, "Accepted", own)];
  if (manner === "call" && alert.person) {
    const line = net.connect(Number(port), host, () => line.write(framed(statusOf(alert, "Read", own))));
    line.on("data", (data) => {
      say({ acknowledged: data.toString("utf8").split("\r")[1] });
      line.end();
    });
  }
  return [accepted];
}

const server = net.createServer((socket) => {
  let rest = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const end = rest.indexOf(Buffer.from([END, CR]));
      if (end < 0) return;
      const text = rest.subarray(rest.indexOf(BEGIN) + 1, end).toString("utf8");
      rest = rest.subarray(end + 2);
      if (text.includes("|ACK")) {
        say({ acknowledged: text.split("\r")[1] });
        continue;
      }
      const alert = takeApart(text);
      say(alert);
      for (const answer of answers(alert)) socket.write(framed(answer));
    }
  });
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
