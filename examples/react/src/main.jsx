import { NylasScheduling } from "@nylas/react";
import { createRoot } from "react-dom/client";

const API_URL = import.meta.env.VITE_NYLAS_API_URI ?? "http://127.0.0.1:8080";
const INTRO = "a1c4e6d8-0b2f-4e35-9a7c-1d3f5b7e9c21"; // a configuration of the starter world

createRoot(document.getElementById("root")).render(
  <NylasScheduling schedulerApiUrl={API_URL} configurationId={INTRO} />,
);
