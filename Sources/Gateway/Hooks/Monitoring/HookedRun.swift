import InterlockHooks
import InterlockLedger
import InterlockLimits
import InterlockModel

/// A run whose coding agent has sent an event: what its hook said, and what reached the gateway otherwise.
struct HookedRun: Sendable {
    /// The most sessions whose begin is remembered.
    private static let mostSessions = 256
    /// The time in which events that cannot be read are reported once.
    static let unreadableWindow = Duration.seconds(60)

    let context: RunContext
    /// True if no event of the run came before those that are remembered here.
    let isWhole: Bool
    var lastEvent: BootTime
    /// The last order to end the run, until it is in force.
    var ordered: EndOrder?
    /// The kinds of findings that people were notified of.
    var noticed: Set<RecordType> = []
    /// The reports of events that cannot be read.
    private var unreadable = ReportWindow()
    private var sessions: Set<Digest> = []
    private var asked = AskedCalls()
    private var calls = MCPCallMatcher()
    private var written = WrittenFiles()

    struct EndOrder: Sendable {
        var at: BootTime
        /// The answer to events meanwhile; its reason is that of the order.
        let answer: HookVerdict
    }

    init(_ context: RunContext, isWhole: Bool, at now: BootTime) {
        self.context = context
        self.isWhole = isWhole
        lastEvent = now
    }

    /// Notes an event before it is answered.
    mutating func begin(_ event: ObservedEvent, at now: BootTime) -> HookFinding? {
        lastEvent = now
        switch event.kind {
        case .configChange: return .configChanged
        case .sessionStart:
            remember(event.session)
            return nil
        case .preTool, .postTool, .postToolFailure, .prompt:
            // One finding for each session, and none for more than can be remembered.
            let isNew = !sessions.contains(event.session) && sessions.count < Self.mostSessions
            remember(event.session)
            return isNew && isWhole ? .unmanaged(.noSessionStart) : nil
        case .sessionEnd:
            calls.end(event.session)
            return nil
        case .subagentStart, .subagentStop, .instructions, .modelSwitch, .directory, .permission,
            .other:
            return nil
        }
    }

    /// Notes an event that cannot be read.
    ///
    /// - Returns: true if it is the first of a window, which is to be reported.
    mutating func noteUnreadable(at now: BootTime) -> Bool {
        lastEvent = now
        return unreadable.take(at: now, window: Self.unreadableWindow)
    }

    private mutating func remember(_ session: Digest) {
        if sessions.count < Self.mostSessions { sessions.insert(session) }
    }

    /// Notes the answer to the event before a tool. What is deferred does not run until it is asked again.
    mutating func answer(_ event: ObservedEvent, isPermitted: Bool) {
        if let call = event.call { asked.note(call, isPermitted ? .permitted : .denied) }
        guard isPermitted else { return }
        if let key = event.mcpCall { calls.pass(key, session: event.session, call: event.call) }
        written.note(event.claim)
    }

    /// Notes the end of a tool that no open call of this run explains.
    ///
    /// - Parameter hasFailed: a host may call a denied call failed, so that alone is no sign.
    func end(_ event: ObservedEvent, hasFailed: Bool) -> HookFinding? {
        guard event.isMainEnd else { return nil }
        switch event.call.flatMap({ asked[$0] }) {
        // A second end, or one after the end of its session.
        case .permitted: return nil
        case .denied: return hasFailed ? nil : .bypassed(.denied)
        // The event before it may have come to an earlier process.
        case nil: return isWhole ? .bypassed(.unasked) : nil
        }
    }

    mutating func arrive(_ arrival: MCPCallMatcher.Arrival) { calls.arrive(arrival) }

    mutating func overdue(at now: BootTime) -> [HookFinding] {
        calls.overdue(at: now).map { .silent($0.call, tool: $0.tool) }
    }

    /// - Returns: nil if every change is explained, or may be.
    func finding(of changes: [String], _ hashing: any Hashing) -> HookFinding? {
        guard isWhole else { return nil }
        let paths = written.unexplained(changes, hashing)
        return paths.isEmpty ? nil : .unexplained(paths)
    }
}
