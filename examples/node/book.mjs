// Books the next free slot of the starter world through the official SDK. First: npm install
import Nylas from "nylas";

const nylas = new Nylas({
  apiKey: process.env.NYLAS_API_KEY ?? "nyk_v0_localmockserverkeywithnosecretinit",
  apiUri: process.env.NYLAS_API_URI ?? "http://127.0.0.1:8080",
});
const intro = { configurationId: "a1c4e6d8-0b2f-4e35-9a7c-1d3f5b7e9c21" };

const startTime = Math.floor(Date.now() / 1000);
const window = { startTime, endTime: startTime + 14 * 86400 };
const free = await nylas.scheduler.availability.get({ queryParams: { ...intro, ...window } });
const slot = free.data.timeSlots[0];

const { data: booking } = await nylas.scheduler.bookings.create({
  queryParams: intro,
  requestBody: {
    startTime: slot.startTime,
    endTime: slot.endTime,
    guest: { name: "Ada", email: "ada@example.com" },
  },
});
console.log(`${booking.status}: ${booking.title}, ${new Date(slot.startTime * 1000)}, ${booking.bookingId}`);
