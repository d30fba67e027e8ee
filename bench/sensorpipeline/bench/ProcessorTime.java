package sensorpipeline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time of processes, from Linux's /proc. */
final class ProcessorTime {

    /** The unit of /proc (USER_HZ), independent of the kernel's own tick. */
    private static final double TICKS_A_SECOND = 100;
    private static final int USER_TIME = 11;
    private static final int OWN_TIMES = 2;
    private static final int OWN_AND_ENDED_CHILDREN_TIMES = 4;

    private ProcessorTime() {
    }

    /** @return processor seconds of a process */
    static double seconds(long pid) {
        return sum(pid, OWN_TIMES);
    }

    /** @return processor seconds of a process and its children, including children that have ended */
    static double secondsOfFamily(ProcessHandle parent, long exceptChild) {
        return sum(parent.pid(), OWN_AND_ENDED_CHILDREN_TIMES)
                + parent.children().mapToLong(ProcessHandle::pid).filter(child -> child != exceptChild)
                        .mapToDouble(child -> sum(child, OWN_AND_ENDED_CHILDREN_TIMES)).sum();
    }

    private static double sum(long pid, int times) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The process name, in parentheses, can contain spaces.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field = USER_TIME; field < USER_TIME + times; field++) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks / TICKS_A_SECOND;
        } catch (IOException e) {
            // The process has ended: its parent accounts for it now.
            return 0;
        }
    }
}
