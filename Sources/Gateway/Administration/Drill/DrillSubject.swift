package import InterlockGovernor
package import InterlockLedger
import InterlockModel
import InterlockPorts

/// The gateway that a drill rehearses: that which runs, or a second one of the same code for what agents would feel.
package struct DrillSubject: Sendable {
    let kind: DrillReport.Subject
    package let gateway: Gateway
    let kill: HaltService
    /// The organisation that the orders name.
    let org: String
    /// The target of the halt: all canaries, or everything in a second gateway.
    let target: HaltTarget
    /// Three people: the first may halt and release, the other two may release.
    let people: [DrillPerson]
    let entropy: any Entropy
    let log: any DrillLogReader
    /// Steps the wall clock. Is nil if it cannot, because agents use the same clock.
    var step: (@Sendable (Duration) -> Void)?
    /// Stops the store, or starts it again. Is nil if agents use the same store.
    var stopStore: (@Sendable (Bool) -> Void)?

    /// Creates the subject that is the running gateway.
    ///
    /// - Parameter kill: accepts the orders of the drill's people.
    package init(
        running gateway: Gateway, _ kill: HaltService, people: [DrillPerson],
        log: any DrillLogReader
    ) {
        self.init(
            kind: .gateway, gateway, kill, org: CanaryNames.organisation(of: kill.org),
            target: .drill, people: people, log: log)
    }

    init(
        kind: DrillReport.Subject, _ gateway: Gateway, _ kill: HaltService, org: String,
        target: HaltTarget, people: [DrillPerson],
        log: any DrillLogReader
    ) {
        self.kind = kind
        self.gateway = gateway
        self.kill = kill
        self.org = org
        self.target = target
        self.people = people
        entropy = gateway.ports.entropy
        self.log = log
    }

    /// The drill's halts in force.
    var halts: [HaltOrder] {
        gateway.halts.halts.active.values.filter { $0.target == target }
            .sorted { $0.id.text < $1.id.text }
    }

    func newID() -> OrderID {
        OrderID(milliseconds: gateway.clock.wall.milliseconds, random: entropy.bytes(10))
    }
}

/// The records of the canaries of one drill, counted.
package struct DrillRecords: Sendable, Equatable {
    /// The number of intents. `outcomes` is the number of records that end them.
    package var intents: Int64 = 0
    package var outcomes: Int64 = 0
    /// The codes of the alarms.
    package var alarms: Set<String> = []

    package init() {}

    /// - Parameter endsIntent: whether a refusal ends a call whose intent is recorded.
    package mutating func add(_ type: RecordType, alarm: String?, endsIntent: Bool) {
        switch type {
        case .callIntent: intents += 1
        case .callOutcome, .callUnknown: outcomes += 1
        case .callDenied where endsIntent: outcomes += 1
        case .alarmRaised: _ = alarm.map { alarms.insert($0) }
        default: break
        }
    }
}
