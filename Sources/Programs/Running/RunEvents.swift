import CLinux
import Glibc
import InterlockModel
import InterlockSandbox
import Synchronization

/// The events from other threads and from signals, which the supervisor's loop reads from one pipe.
@safe final class RunEvents: Sendable {
    enum Event: Sendable {
        case stop(RunProgress.Cause)
        case terminal(AgentTerminal.Event)
    }

    /// Becomes readable when there is an event.
    let readEnd: Int32
    private let writeEnd: Int32
    private let queue = Mutex<[Event]>([])
    private let measured = Mutex<Int64?>(nil)

    /// The signals that end a run.
    static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    /// The signals about the caller's terminal.
    private static let terminalSignals: [Int32: AgentTerminal.Event] = [
        SIGWINCH: .resized, SIGTSTP: .suspended, SIGCONT: .resumed,
    ]

    /// Must be called only once in a process.
    ///
    /// - Throws: `setup` if there is no pipe.
    init() throws(RunRefusal) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else {
            throw RunRefusal(RunExit.setup, "pipe", "there is no pipe for events")
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        unsafe signalEnd = writeEnd
        Self.signals.forEach(Self.handle)
    }

    /// Hears of changes to the caller's terminal from now on.
    func watchTerminal() { Self.terminalSignals.keys.forEach(Self.handle) }

    private static func handle(_ number: Int32) {
        signal(number) { number in
            var byte = UInt8(truncatingIfNeeded: number)
            _ = unsafe write(signalEnd, &byte, 1)
        }
    }

    /// The bytes of the workspace's layer at the last measurement, or nil if there was none.
    var written: Int64? {
        get { measured.withLock { $0 } }
        set { measured.withLock { $0 = newValue } }
    }

    func add(_ event: Event) {
        queue.withLock { $0.append(event) }
        var byte: UInt8 = 0
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Returns what has happened since the last call; does not wait.
    func take() -> [Event] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(readEnd, &bytes, bytes.count)
        var events: [Event] = []
        queue.withLock { queue in
            events = queue
            queue = []
        }
        for byte in bytes.prefix(max(0, count)) where byte != 0 {
            let number = Int32(byte)
            events.append(
                Self.terminalSignals[number].map(Event.terminal) ?? .stop(.signal(number)))
        }
        return events
    }
}

/// Written once before the handlers are set; only they read it.
private nonisolated(unsafe) var signalEnd: Int32 = -1
