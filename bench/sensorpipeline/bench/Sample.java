package sensorpipeline.bench;

/**
 * The state of a run at a moment.
 *
 * @param time in seconds since any fixed moment
 * @param stored readings in the ledger
 * @param waiting batches that are not rolled up yet
 * @param java processor seconds of the program
 * @param postgres processor seconds of PostgreSQL; NaN if unknown
 */
record Sample(double time, long stored, long waiting, double java, double postgres) {

    /** @return microseconds of processor time per reading since an earlier sample */
    double cost(Sample earlier) {
        return (java - earlier.java + postgres - earlier.postgres) * 1e6 / (stored - earlier.stored);
    }

    /** @return the state between an earlier sample and this one at which this many readings were stored (linear interpolation) */
    Sample between(Sample earlier, long target) {
        double part = (double) (target - earlier.stored) / (stored - earlier.stored);
        return new Sample(earlier.time + part * (time - earlier.time), target, waiting,
                earlier.java + part * (java - earlier.java), earlier.postgres + part * (postgres - earlier.postgres));
    }
}

