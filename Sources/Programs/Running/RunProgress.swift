package import InterlockModel
package import InterlockSandbox

/// The state of one run from the start of its launcher to its end, without effects.
///
/// A run is starting until the launcher reports `started`, then running until it reports an end or a cause stops it.
/// The first cause stays: what stops a run later changes nothing.
package struct RunProgress: Sendable {
    /// The reason why the supervisor ends a run.
    package enum Cause: Sendable, Hashable {
        case halt(OrderID)
        /// A signal to the supervisor.
        case signal(Int32)
        /// The wall clock of the supervisor, which runs behind the launcher's.
        case wall
        /// The gateway has ended the run, or does not know it.
        case gateway
        /// The gateway did not respond for a minute, and the policy ends a run for that.
        case lease
        /// The layer of the workspace has more bytes or entries than it may have.
        case workspaceSize
        /// The file system of the layer has less free space than a run leaves.
        case diskSpace
        /// The supervisor could not do its part.
        case fault
    }

    package private(set) var hasStarted = false
    /// The most memory of one process, in bytes; nil if it is not known.
    package private(set) var largestProcess: Int64?
    /// True if processes were ended because the memory of the run was used up.
    package var isOutOfMemory = false
    package private(set) var cause: Cause?
    private var last: LaunchStatus?
    private var isBroken = false

    package init() {}

    package mutating func read(_ status: LaunchStatus) {
        switch status {
        case .started: hasStarted = true
        case .peak(let size): largestProcess = size * 1024
        default: last = status
        }
    }

    /// Notes that the launcher's status could not be read.
    package mutating func breakOff() { isBroken = true }

    /// - Returns: true if everything inside must be killed now.
    package mutating func stop(_ cause: Cause) -> Bool {
        guard self.cause == nil else { return false }
        self.cause = cause
        return true
    }

    /// The outcome, once the launcher has ended.
    package var outcome: RunOutcome {
        if isBroken {
            return RunOutcome(
                RunExit.setup, .interlock, "status", "the launcher's status cannot be read")
        }
        switch last {
        case .exited(let code): return RunOutcome(code, .agent, "exited")
        case .signalled(9) where cause == nil && isOutOfMemory:
            return RunOutcome(
                RunExit.killed, .interlock, "memory", "the run took more than its `memory`")
        case .signalled(let signal) where cause == nil:
            return RunOutcome(128 + signal, .agent, "signalled")
        case .wall: return Self.outcome(of: .wall)
        case .refused(let reason, let step, let errno):
            return RunOutcome(
                reason == "root" ? RunExit.usage : RunExit.noIsolation, .interlock, reason,
                "isolation is not available: \(reason) at \(step)" + suffix(errno))
        case .failed(let step, let errno):
            return RunOutcome(
                RunExit.setup, .interlock, step,
                "the sandbox cannot be set up, nothing ran: \(step)" + suffix(errno))
        case .notExecuted(let errno):
            let isMissing = errno == Self.noEntry || errno == Self.notFolder
            return isMissing
                ? RunOutcome(
                    RunExit.notFound, .interlock, "not-found", "the command is not found inside",
                    help:
                        "name a program below `/usr`, in the workspace, in your PATH, or by its path"
                )
                : RunOutcome(
                    RunExit.notExecutable, .interlock, "not-executable",
                    "the command cannot be executed" + suffix(errno))
        case .signalled, .lifeline, .started, .peak, .checked, nil:
            guard let cause else {
                return RunOutcome(
                    RunExit.killed, .interlock, "launcher-lost",
                    "the launcher ended without a report; the kernel has ended everything inside")
            }
            return Self.outcome(of: cause)
        }
    }

    /// The outcome of a run that was stopped.
    package static func outcome(of cause: Cause) -> RunOutcome {
        switch cause {
        case .halt:
            RunOutcome(RunExit.killed, .interlock, "killed", "stopped by the kill switch")
        case .signal(let number):
            RunOutcome(128 + number, .interlock, "interrupted", "interrupted by signal \(number)")
        case .wall: RunOutcome(RunExit.wall, .interlock, "wall", "the time of the run is over")
        case .gateway:
            RunOutcome(
                RunExit.killed, .interlock, "not-registered", "the gateway has ended the run")
        case .lease:
            RunOutcome(
                RunExit.killed, .interlock, "lease",
                "no response from the gateway for 60 s, and the policy states `on_lease_loss: kill`"
            )
        case .workspaceSize:
            RunOutcome(
                RunExit.killed, .interlock, "workspace-size",
                "the changes take more than `max_bytes` of the workspace")
        case .diskSpace:
            RunOutcome(
                RunExit.killed, .interlock, "disk-space",
                "less than 1 GiB is left on the disk of the deployment")
        case .fault:
            RunOutcome(RunExit.killed, .interlock, "fault", "the supervisor cannot go on")
        }
    }

    private func suffix(_ errno: Int32) -> String { errno == 0 ? "" : " (errno \(errno))" }

    private static let noEntry: Int32 = 2
    private static let notFolder: Int32 = 20
}
