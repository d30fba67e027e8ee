/**
 * A button that retires a sensor, or reactivates it.
 *
 *   const retiring = new Retiring(button, status, () => { ... });      is called after the sensor was retired or reactivated
 *   retiring.show(sensor);                                              an entry of /sensors
 */

import { send } from "./rest-api.js";
import { setText } from "./update.js";
import { describeUndone } from "../frame/failures.js";

export class Retiring {
  #button;
  #status;
  #onChanged;
  #sensor;
  #isBusy = false;
  #toldRetired;

  constructor(button, status, onChanged) {
    this.#button = button;
    this.#status = status;
    this.#onChanged = onChanged;
    button.addEventListener("click", () => this.#change());
  }

  show(sensor) {
    this.#sensor = sensor;
    setText(this.#button, sensor.status === "retired" ? "Reactivate" : "Retire");
    this.#button.title = sensor.status === "retired" ? "Show it in lists and counts again" : "Omit it from lists and counts until it sends again";
    this.#button.hidden = false;
    // It has sent again, or somebody else changed it.
    if (this.#toldRetired !== undefined && this.#toldRetired !== (sensor.status === "retired")) {
      this.#toldRetired = undefined;
      setText(this.#status, "");
    }
  }

  async #change() {
    if (this.#isBusy) {
      return;
    }
    this.#isBusy = true;
    const { sensor_id, status } = this.#sensor;
    const isRetired = status !== "retired";
    try {
      await send(`/sensors/${encodeURIComponent(sensor_id)}/retire`, { retired: isRetired });
      this.#toldRetired = isRetired;
      setText(this.#status, isRetired ? "Retired: lists and counts omit it until it sends again" : "Reactivated");
      this.#onChanged();
    } catch (error) {
      setText(this.#status, describeUndone(isRetired ? "retired" : "reactivated", error));
    } finally {
      this.#isBusy = false;
    }
  }
}
