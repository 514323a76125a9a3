import InterlockAdministration
import InterlockApprovals
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization
import Testing

@testable import InterlockGatewayBench

/// A people service on ports in memory. `eve` and `dana` hold `security`, `kim` and `joe` `resume`; `ines` and `paul`
/// have keys and no role; `rui` is not enrolled.
struct Registry {
    let clock = FakeClock()
    let ledger: MemoryLedger
    let store: MemoryPeopleStore
    let service: PeopleService
    private let told = Told()

    init(
        ledger: MemoryLedger = MemoryLedger(), store: MemoryPeopleStore = MemoryPeopleStore(),
        security: [String] = ["eve", "dana"], book: PeopleDirectory? = nil
    ) throws {
        self.ledger = ledger
        self.store = store
        let told = told
        let entropy = SeededEntropy(seed: 11)
        let ports = PeoplePorts(
            store: store, trust: store, ledger: ledger,
            records: RecordWriter(keys: BenchKeys(), clock: clock, entropy: entropy),
            clock: clock, entropy: entropy, hashing: OpenSSLHashing(),
            verifier: OpenSSLVerifier(), assertions: Passkeys.verifier,
            follow: { told.follow($0) }, alarm: { code, _ in told.alarm(code) })
        let trust = try Self.trust(security, at: clock.now.wall)
        service = PeopleService(ports, book: book ?? PeopleDirectory(trust: trust))
    }

    static func trust(_ security: [String], at now: Timestamp) throws -> AuthorizedKeys {
        let names = Set(["eve", "dana", "kim", "joe", "ines", "paul"] + security).sorted()
        return try AuthorizedKeys(
            org: "acme",
            people: names.map { name in
                let member = People.all[name]
                var roles: Set<Role> = ["kim", "joe"].contains(name) ? [.resume] : []
                if security.contains(name) { roles.insert(.security) }
                return TrustedPerson(
                    person: member.person, pseudonym: member.pseudonym, roles: roles,
                    keys: [
                        EnrolledKey(
                            key: member.key.publicKey, added: now.wholeSecond, founding: true)
                    ])
            }, nodes: [])
    }

    var alarmed: [String] { told.alarmed }
    var last: PeopleDirectory? { told.last }
    var now: Timestamp { clock.now.wall }

    func sign(
        _ action: PeopleOrder.Action, by name: String, at: Timestamp? = nil
    ) throws -> Envelope {
        let member = People.all[name]
        let order = try PeopleOrder(
            id: People.order(told.nextOrder()), org: "acme", content: action,
            reason: "a test of people", author: member.pseudonym, at: at ?? now)
        return try member.key.envelope(.people, try order.canonical())
    }

    func invite(
        _ name: String, roles: Set<Role> = [], by inviter: String = "eve"
    ) async throws -> String {
        try await service.invite(
            try sign(.invite(People.all[name].person, roles: roles), by: inviter),
            pseudonym: PlainPseudonyms().pseudonym
        ).token
    }

    /// Enrols the person's key with a token.
    func enrol(_ name: String, _ token: String) async throws -> PendingEnrolment {
        let made = try await service.enrol(
            token: token, .key(People.all[name].key.publicKey))
        guard case .waits(let pending) = made else { throw Unexpected() }
        return pending
    }

    func confirmation(_ shown: JSONValue, _ id: OrderID) throws -> PeopleOrder.Action {
        let bytes = try shown.canonical()
        return .confirm(id, of: OpenSSLHashing().sha256(bytes.span))
    }

    @discardableResult
    func confirm(
        _ pending: PendingEnrolment, by name: String
    ) async throws -> PeopleDirectory.Confirmed {
        try await service.confirm(
            try sign(try confirmation(service.book.shown(pending), pending.id), by: name))
    }

    /// The records as leaves, as a start reads them from the log.
    var leaves: [JSONValue] {
        ledger.drafts.map { draft in
            var leaf = draft.fields
            leaf["t"] = .string(draft.type.rawValue)
            leaf["ts"] = .integer(now.microseconds)
            return .object(leaf)
        }
    }

    func isEnrolled(_ name: String) -> Bool {
        guard let found = service.book.trust.holder(of: People.all[name].key.publicKey) else {
            return false
        }
        return !found.key.isRevoked
    }

    struct Unexpected: Error {}
}

/// The service's outputs, shared between closures.
final class Told: Sendable {
    private let alarms = Mutex<[String]>([])
    private let books = Mutex<[PeopleDirectory]>([])
    private let orders = Atomic<UInt64>(0)

    var alarmed: [String] { alarms.withLock { $0 } }
    var last: PeopleDirectory? { books.withLock { $0.last } }
    func alarm(_ code: String) { alarms.withLock { $0.append(code) } }
    func follow(_ book: PeopleDirectory) { books.withLock { $0.append(book) } }
    func nextOrder() -> UInt64 { orders.wrappingAdd(1, ordering: .relaxed).newValue }
}
