import InterlockSandbox

/// The end of one program of a run.
struct ProgramEnd {
    var outcome: RunOutcome
    /// True if the supervisor has ended it.
    let wasStopped: Bool
    /// The usage of all processes of the run until now; nil without a cgroup.
    let usage: CgroupUsage?
    /// Microseconds, of all programs until now.
    private(set) var processorTime: Int64?
    /// The most memory of one process until now, in bytes; nil if it is not known.
    private(set) var largestProcess: Int64?

    /// The same end, with the figures of the program before it.
    func after(_ earlier: ProgramEnd) -> ProgramEnd {
        var end = self
        end.processorTime = processorTime.map { $0 + (earlier.processorTime ?? 0) }
        end.largestProcess = [largestProcess, earlier.largestProcess].compactMap(\.self).max()
        return end
    }
}
