import CLinux
import Glibc
package import InterlockCommandLine
import Synchronization

/// The commands under way, each the first process of a group of its own. A signal that ends this program ends them
/// first: a terminal sends its signals to the foreground group alone, which they are no part of.
@safe package final class RunningCommands: Sendable {
    private struct State {
        /// The processes that are not reaped, so that their numbers are no others'.
        var processes: Set<pid_t> = []
        /// The functions that kill the servers of fixtures, by the numbers of the trials under way.
        var servers: [Int: @Sendable () -> Void] = [:]
        var trials = 0
    }
    private let state = Mutex(State())

    /// Takes the signals that end a program from now on, and closes the memory, the variables and the descriptors of this
    /// process to other processes of its user: the variables that a command does not inherit are there, the keys that sign
    /// results, and the output. Must be called only once in a process, before the first command begins.
    package init() throws(Failure) {
        guard interlock_set_dumpable(0) == 0 else {
            throw Failure(.internalError, "this process cannot be closed to others of its user")
        }
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw Failure(.internalError, "there is no pipe for signals")
        }
        unsafe signalEnd = ends[1]
        for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(signalEnd, &byte, 1)
            }
        }
        let readEnd = ends[0]
        guard startThread({ [self] in endAll(after: readEnd) }) else {
            throw Failure(.internalError, "there is no thread for signals")
        }
    }

    /// Starts a command and takes it. None begins once a signal has ended the others.
    func begin(_ start: () -> Result<pid_t, Failure>) -> Result<pid_t, Failure> {
        state.withLock { state -> Result<pid_t, Failure> in
            let started = start()
            if case .success(let process) = started { state.processes.insert(process) }
            return started
        }
    }

    /// Kills a command with what is left of its group. The caller reaps it afterwards.
    func end(_ process: pid_t) {
        state.withLock { state in
            killGroup(of: process)
            state.processes.remove(process)
        }
    }

    /// Takes the servers of the fixture of a trial.
    ///
    /// - Parameter kill: kills them; called on another thread.
    /// - Returns: the number for `removeServers`.
    func addServers(_ kill: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state -> Int in
            state.trials += 1
            state.servers[state.trials] = kill
            return state.trials
        }
    }

    func removeServers(of trial: Int) {
        state.withLock { state in _ = state.servers.removeValue(forKey: trial) }
    }

    /// Waits for a signal, kills all commands and servers, and ends this process.
    private func endAll(after readEnd: Int32) {
        var byte: UInt8 = 0
        while unsafe read(readEnd, &byte, 1) < 0, errno == EINTR {}
        let number = Int32(byte)
        state.withLock { state in
            for process in state.processes { killGroup(of: process) }
            for kill in state.servers.values { kill() }
            // The lock is held, so that no other command begins meanwhile.
            _exit(128 + number)
        }
    }
}

/// Kills a process that is not reaped, and its group. The process can have left the group for another one of its
/// session, such as that of this program, and is then not reached by a signal to the group.
private func killGroup(of process: pid_t) {
    kill(process, SIGKILL)
    kill(-process, SIGKILL)
}

/// Written once before the handlers are set; only they read it.
private nonisolated(unsafe) var signalEnd: Int32 = -1
