import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockConfiguration
import InterlockConsole
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts

/// The console of one node, if `approval_service.console` states its address.
struct ConsoleSetup {
    /// Is nil without an address that passkeys can be made for, and without a trust file: no person could sign in.
    let console: Console?
    private let sessions: PersonSessionService?
    private let rooms: ConsoleServices?

    /// - Parameters:
    ///   - secret: of the node, kept over restarts; it authenticates the stored sessions.
    ///   - rooms: called only if there is a console.
    ///   - mostStreams: the maximum number of pages that receive change events.
    init(
        _ settings: ConsoleSettings?, _ gateway: Gateway, _ approvals: ApprovalService,
        _ setup: PeopleSetup, _ tokens: any TokenIssuer, _ pseudonyms: any Pseudonyms,
        secret: [UInt8],
        _ store: any PersonSessionStore, _ halts: HaltService,
        _ rooms: () -> ConsoleServices, _ charts: ChartLibrary, mostStreams: Int
    ) {
        guard let party = settings?.party, let people = setup.service else {
            console = nil
            sessions = nil
            self.rooms = nil
            return
        }
        let alarm: @Sendable (String, String) -> Void = { gateway.raise(alarm: $0, subject: $1) }
        // The key is in no file, so ceremonies that were begun before a restart must begin again.
        let key = SystemEntropy().bytes(32)
        let code: ChallengeRegistry.Code = { hmacSHA256(key: key, $0) }
        let rowKey = hmacSHA256(key: secret, Array("interlock/person-session/1".utf8))
        let entry = PersonEntryPorts(
            sessions: StoredPersonSessions(
                store, code: { hmacSHA256(key: rowKey, $0) }, alarm: alarm), code: code)
        let sessions = PersonSessionService(
            entry, register: people, verifier: PasskeyVerifier(party), keys: P256SessionVerifier(),
            hashing: OpenSSLHashing(),
            clock: SystemClock(), entropy: SystemEntropy(), alarm: alarm)
        let inbox = ApprovalInboxService(
            service: approvals, people: setup.holder, clock: SystemClock(),
            hashing: OpenSSLHashing())
        self.sessions = sessions
        let rooms = rooms()
        self.rooms = rooms
        console = Console(
            origins: party.origins, sessions: sessions, inbox: inbox, clock: SystemClock(),
            hashing: OpenSSLHashing(),
            entry: ConsoleEntry(
                relyingParty: party.id, signIn: sessions,
                enrolment: EnrolmentService(
                    people: people, verifier: PasskeyRegistrar(party),
                    challenges: OneNodeRegistry(ChallengeRegistry(code)), alarm: alarm),
                voting: inbox),
            orders: OrderRouter(
                people: people, approvals: approvals,
                tokens: AgentTokenService(gateway: gateway, issuer: tokens),
                pseudonyms: pseudonyms,
                watch: RefusalRecorder("people.order_refused", clock: gateway.clock, alarm: alarm)),
            services: people, halts: halts, sources: rooms.sources, chart: charts.bytes,
            mostStreams: mostStreams)
    }

    /// Removes expired sessions and updates the counts. Called once a second.
    func sweep() async {
        await sessions?.sweep()
        rooms?.sweep()
    }

    func close() { rooms?.close() }
}
