import InterlockApprovals
import InterlockEvidence
package import InterlockGovernor
import InterlockLimits
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// The dependencies of a drill's second gateway. The environment adds stubs for the rest, such as the log and the
/// approvals.
package struct DrillPorts: Sendable {
    /// The deployment's organisation; the sub-organisation is `ORG/drill`.
    package let org: String
    package let node: String
    package let policy: PolicySnapshot
    package let upstreams: any Upstreams
    package let orders: any OrderStore
    package let entropy: any Entropy
    package let clock: any Clock
    package let hashing: any Hashing
    package let verifier: any SignatureVerifier
    package let patterns: any PatternCompiler
    package let sealer: any StateSealer
    package let results: any ResultInspector
    /// Three people: the first may halt and release, the other two may release.
    package let people: [DrillPerson]
    /// The storage of approval requests; nil for a drill, which makes none.
    package let asked: (any ApprovalStore & NonceStore)?
    /// The node's own key, which signs its own halts in the sub-organisation too.
    package let nodeKey: PublicKey

    package init(
        org: String, node: String, policy: PolicySnapshot, upstreams: any Upstreams,
        orders: any OrderStore, entropy: any Entropy, clock: any Clock, hashing: any Hashing,
        verifier: any SignatureVerifier, patterns: any PatternCompiler,
        sealer: any StateSealer, results: any ResultInspector, people: [DrillPerson],
        nodeKey: PublicKey, asked: (any ApprovalStore & NonceStore)? = nil
    ) {
        self.org = org
        self.node = node
        self.policy = policy
        self.upstreams = upstreams
        self.orders = orders
        self.entropy = entropy
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        self.patterns = patterns
        self.sealer = sealer
        self.results = results
        self.people = people
        self.nodeKey = nodeKey
        self.asked = asked
    }
}

/// A person of one drill; the key is made for the drill and discarded after it.
package struct DrillPerson: Sendable {
    package let person: TrustedPerson
    package let sign: @Sendable (PayloadType, [UInt8]) throws -> Envelope

    package init(
        person: TrustedPerson, sign: @escaping @Sendable (PayloadType, [UInt8]) throws -> Envelope
    ) {
        self.person = person
        self.sign = sign
    }

    /// Returns a person who may halt and release in one drill, or nil if the name is no part of an address.
    package static func trusted(
        _ name: String, of drill: OrderID, key: PublicKey, at now: Timestamp, isExpired: Bool
    ) -> TrustedPerson? {
        Person("\(name).\(drill.text)@drill.interlock.invalid").map { person in
            TrustedPerson(
                person: person,
                pseudonym: Pseudonym(text: Base64.encode(Array(key.bytes.prefix(16)))),
                roles: [.kill, .resume],
                keys: [
                    EnrolledKey(
                        key: key, added: now - .seconds(60), founding: true,
                        expires: isExpired ? now - .seconds(1) : nil)
                ])
        }
    }
}

/// A second gateway for a drill that agents would feel: the same code, process, event loops, launcher and disk as the
/// real organisation, but another target of orders.
package struct DrillEnvironment: Sendable {
    package let pipeline: CallPipeline
    package let kill: HaltService
    package let approvals: ApprovalService
    package let clock: SteppingClock
    let ports: DrillPorts
    let ledger = DrillLedger()
    private let control = DrillControlLog()
    let authenticator: DrillAuthenticator
    var gateway: Gateway { pipeline.gateway }

    /// - Throws: if the drill's people do not form valid authorized keys.
    package init(_ ports: DrillPorts) throws {
        self.ports = ports
        let clock = SteppingClock(ports.clock)
        self.clock = clock
        let org = CanaryNames.organisation(of: ports.org)
        let trust = try AuthorizedKeys(
            org: org, people: ports.people.map(\.person),
            nodes: [TrustedNode(name: ports.node, key: ports.nodeKey)])
        let people = AuthorizedKeysHolder(PeopleDirectory(trust: trust))
        let keys = DrillPayloadKeys(hashing: ports.hashing)
        let records = RecordWriter(keys: keys, clock: clock, entropy: ports.entropy)
        let pseudonyms = DrillPseudonyms(hashing: ports.hashing)
        authenticator = DrillAuthenticator(
            secret: Hex.encode(ports.entropy.bytes(16)), expires: ports.clock.wall + .seconds(7200))
        let book = HaltHistory(epoch: .first(org: org, node: ports.node, at: clock.wall))
        let store: any ApprovalStore & NonceStore = ports.asked ?? DrillApprovals()
        var settings = GatewaySettings()
        settings.doors = .widest
        // A self-test votes by itself, so a held response is only waited for, and no vote is too fast.
        if ports.asked != nil { settings.hold = .milliseconds(200) }
        approvals = ApprovalService(
            ApprovalPorts(
                store: store, nonces: store, ledger: ledger, records: records, clock: clock,
                entropy: ports.entropy, hashing: ports.hashing, people: people,
                verifier: ports.verifier, useWithin: .seconds(600),
                reviewQuality: ReviewQualityPolicy(refuses: ports.asked == nil),
                alarm: { _, _ in }), limits: ApprovalTable.Limits())
        let gateway = Gateway(
            settings: settings,
            ports: GatewayPorts(
                ledger: ledger, upstreams: ports.upstreams, authenticator: authenticator,
                trust: DrillStages(), evals: OpenGate(), clock: clock,
                entropy: ports.entropy, results: ports.results,
                redactionDigest: { [hashing = ports.hashing] in hashing.sha256($0) }),
            state: CallState(
                policy: PolicyHolder(ports.policy, isFounding: false, pseudonyms: pseudonyms),
                halts: HaltRegistry(book.set),
                pins: PinRegistry(
                    upstreams: ports.upstreams, hashing: ports.hashing, patterns: ports.patterns,
                    ledger: ledger, alarm: { _, _ in }),
                runs: RunRegistry(
                    pseudonyms: pseudonyms, ledger: ledger, keys: keys,
                    build: ports.hashing.sha256([0])),
                sessions: SessionRegistry(
                    ledger: ledger, entropy: ports.entropy, clock: clock, resumes: false)),
            records: records, approvals: approvals,
            input: InputRequestService(
                sealer: ports.sealer, nonces: store, hashing: ports.hashing, entropy: ports.entropy),
            limits: LimitService(clock: clock),
            breakers: CircuitBreakerService(agents: Self.breakers(for: ports.policy)))
        pipeline = CallPipeline(gateway: gateway)
        let (verifier, nodeKey) = (ports.verifier, ports.nodeKey)
        kill = HaltService(
            gateway: gateway, approvals: approvals, book: book,
            judge: {
                HaltVerifier(SignedOrderVerifier(trust: trust, verifier: verifier, ownKey: nodeKey))
            },
            store: ports.orders, hashing: ports.hashing,
            entries: OrderEntryWriter(control, retryAfter: .milliseconds(100)) { _ in })
    }

    /// This gateway as the subject of a drill.
    package var subject: DrillSubject {
        let (ledger, clock, control) = (ledger, clock, control)
        var subject = DrillSubject(
            kind: .copy, gateway, kill, org: kill.org, target: .org, people: ports.people,
            log: ledger)
        subject.step = { clock.step(by: $0) }
        subject.stopStore = { control.stop($0) }
        return subject
    }

    /// Returns the widest bounds, because canaries repeat one call, and each call returns anew.
    private static func breakers(for policy: PolicySnapshot) -> AgentBreakerSettings {
        var settings = AgentBreakerSettings()
        for tool in policy.agents.keys.flatMap({ policy.callable(by: $0) }) {
            settings.poll[tool] = AgentBreakerSettings.Bounds.sameRead.upperBound
        }
        settings.calls = AgentBreakerSettings.Bounds.calls.upperBound
        return settings
    }

    /// Returns a canary that calls one of the servers through this gateway.
    ///
    /// - Parameter milliseconds: the duration of one call; if nil, the server's default applies.
    package func canary(
        _ pointClass: String, at server: String, run: Int = 0, milliseconds: Int64? = nil
    ) -> any DrillCanary {
        let bearer = bearer(pointClass, run: run)
        return PipelineCanary(
            pointClass, at: server, CanaryCredential { bearer }, through: pipeline,
            milliseconds: milliseconds)
    }

    /// Returns the credential of the canary of a class.
    package func bearer(_ pointClass: String, run: Int = 0) -> String {
        authenticator.bearer(CanaryNames.agent(pointClass), run: run)
    }
}

/// The gateway's clock with a wall time that a drill can step; the boot time is not changed.
package final class SteppingClock: Clock {
    private let clock: any Clock
    private let step = Atomic<Int64>(0)

    init(_ clock: any Clock) { self.clock = clock }

    func step(by duration: Duration) {
        step.wrappingAdd(duration.microseconds, ordering: .sequentiallyConsistent)
    }

    package var now: ClockReading {
        let now = clock.now
        let microseconds = step.load(ordering: .relaxed)
        return ClockReading(
            wall: Timestamp(microseconds: now.wall.microseconds + microseconds), boot: now.boot)
    }
}
