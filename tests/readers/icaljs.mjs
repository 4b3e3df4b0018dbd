// Reads iCalendar objects with ical.js: a JSON string a line comes in, what it says as JSON a line goes out.
import { createInterface } from "node:readline";
import ICAL from "ical.js";

const said = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [event, ...others] = calendar.getAllSubcomponents("vevent");
  if (others.length > 0) throw new Error("more than one VEVENT");
  const value = (name) => event.getFirstPropertyValue(name);
  const texts = (name) => event.getAllProperties(name).flatMap((one) => one.getValues().map(String));
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: value("uid"),
    sequence: value("sequence"),
    status: value("status"),
    stamped_at: moment(value("dtstamp")),
    start: moment(value("dtstart")),
    end: moment(value("dtend")),
    occurrence: moment(value("recurrence-id")),
    summary: value("summary"),
    location: value("location"),
    description: value("description"),
    comment: value("comment"),
    organizer: person(event.getFirstProperty("organizer")),
    attendees: event.getAllProperties("attendee").map(person),
    resources: texts("resources"),
  };
};

// A date as it is; an instant in seconds since 1970, by the rules of the object's own VTIMEZONE.
const moment = (time) => (time === null ? null : time.isDate ? time.toString() : time.toUnixTime());

const person = (property) => {
  if (property === null) return null;
  const parameters = ["cn", "cutype", "role", "partstat", "rsvp"].map((name) => [name, property.getParameter(name)]);
  return { address: property.getFirstValue(), ...Object.fromEntries(parameters.filter(([, value]) => value)) };
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = said(JSON.parse(line));
  } catch (problem) {
    answer = { problem: String(problem) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
