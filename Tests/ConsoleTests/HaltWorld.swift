import InterlockConsoleWorld
import InterlockCredentials
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPatterns
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockYAML
import InterlockZones
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole

/// A kill switch with one halt in force and one drill on record, the same at each start, for the pages of halts.
struct HaltWorld {
    let halts: HaltService
    let drills: DrillService
    let halt: OrderID
    let drill: OrderID

    /// - Parameter people: the first may do everything.
    init(_ office: ConsoleOffice, people: PeopleDirectory) async throws {
        let keys = (0..<3).compactMap {
            Ed25519PrivateKey(seed: [UInt8](repeating: UInt8($0 + 11), count: 32))
        }
        let signers = zip(keys, 0...).map { key, number in
            DrillPerson(
                person: TrustedPerson(
                    person: office.people[number], pseudonym: office.voter(number).pseudonym,
                    roles: number == 0 ? Set(Role.allCases) : [.resume],
                    keys: [
                        EnrolledKey(
                            key: key.publicKey, added: ConsoleOffice.start - .seconds(90_000),
                            founding: true)
                    ])
            ) { try PersonKey.file(key).envelope($0, $1) }
        }
        let node = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32)))
        let environment = try DrillEnvironment(
            DrillPorts(
                org: "acme", node: "gw1", policy: try Self.policy(), upstreams: NoUpstreams(),
                orders: NoOrderFiles(), entropy: SameEntropy(), clock: ConsoleWorld(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), patterns: RE2Compiler(),
                sealer: NoSealer(), results: NoResults(), people: signers,
                nodeKey: node.publicKey))
        halts = environment.kill
        halt = try await halts.halt(try environment.subject.signedHalt(), source: "console")
            .order.id
        let report = try Self.report()
        drill = report.id
        drills = DrillService(
            gateway: environment.gateway, stage: NoDrills(),
            store: OneReport(
                report: try SignedDrill(
                    try PersonKey.file(node).envelope(.drill, try report.canonical()),
                    node: node.publicKey, verifier: OpenSSLVerifier())),
            people: AuthorizedKeysHolder(people), verifier: OpenSSLVerifier(),
            hashing: OpenSSLHashing(),
            schedule: DrillService.Schedule(
                isAuto: false, at: .usual, rules: try #require(ZoneRules(offsetText: "UTC"))))
    }

    private static func policy() throws -> PolicySnapshot {
        let text = """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            tiers: {low: {calls: 1000000/m}}
            servers:
              desk:
                tools:
                  read: {class: read}
            agents:
              clerk:
                owner: p1@acme.example
                purpose: Answers questions
                tier: low
                stage: trusted
                review_by: "2099-12-31"
                mcp_scopes: {desk: [read]}
            """
        let file = PolicyFile(path: "policy.yaml", role: .single, bytes: Array(text.utf8))
        return try PolicySnapshot(
            compiling: try #require(PolicyReader.read([file]).document),
            with: PolicyEngines(patterns: RE2Compiler(), zones: SystemZones()),
            at: ConsoleOffice.start, hashing: OpenSSLHashing())
    }

    private static func report() throws -> DrillReport {
        let now = ConsoleOffice.start - .seconds(3600)
        let digest = OpenSSLHashing().sha256([2])
        let point = DrillPoint(
            pointClass: "gateway", acknowledgedMilliseconds: 12, lastMilliseconds: 3,
            callsBefore: 9, callsAfter: 0, answersAfter: 0, cancelled: 1, unknown: 0,
            isConfirmed: true, ranAgain: true)
        return DrillReport(
            id: OrderID(milliseconds: now.milliseconds, random: [UInt8](repeating: 3, count: 10)),
            variant: .standard, org: "acme", node: "gw1", started: now, ended: now + .seconds(2),
            version: "1", policy: digest, classes: ["gateway"], points: [point], intents: 10,
            outcomes: 10, secondHaltChanged: false, oneSignatureReleased: false,
            releaseMilliseconds: 40, faults: [], runBy: "auto", origin: "acme.example/log",
            root: digest, subject: .gateway)
    }
}

private struct SameEntropy: Entropy {
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 5, count: count) }
}

/// No server is connected.
private struct NoUpstreams: Upstreams {
    func view(of server: ServerName) -> CatalogState { .unknown }
    func offers(of server: ServerName) -> ServerFeatures { ServerFeatures() }
    func call(_ call: UpstreamCall) async -> UpstreamResponse { .cancelled(confirmed: true) }
    func strayAnswers(of server: ServerName) -> Int { 0 }
    func endChildren(where isHalted: @Sendable (ServerName, AgentName?) -> Bool)
        -> EndingChildren
    { EndingChildren() }
    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (_ uri: String) -> Void
    ) {}
    func strayUpdates(of server: ServerName) -> Int { 0 }
}

private struct NoOrderFiles: OrderStore {
    func keep(_ order: Envelope, id: OrderID, epoch: Epoch) throws(StoreFailure) {}
    func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope {
        throw StoreFailure(reason: "a test")
    }
    func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile] { [] }
    func setAside(_ file: String) {}
}

private struct NoSealer: StateSealer {
    func seal(_ plaintext: [UInt8]) -> String { "" }
    func open(_ text: String) -> [UInt8]? { nil }
}

private struct NoResults: ResultInspector {
    var rules: Digest { OpenSSLHashing().sha256([0]) }
    var generation: UInt64 { 0 }
    func inspectAtOnce(_ texts: [String], bytes: Int) -> ResultInspection? { nil }
    func inspect(_ texts: [String], for agent: AgentName) async -> ResultInspection { .clean }
    func parts(in texts: [String]) -> [ValuePart]? { [] }
    func refresh() {}
}

private struct NoDrills: DrillEnvironmentFactory {
    func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill {
        throw StoreFailure(reason: "a test")
    }
    func releaseLeft() async throws(StoreFailure) {}
}

private struct OneReport: DrillStore {
    let report: SignedDrill
    func reports() throws(StoreFailure) -> [SignedDrill] { [report] }
    func keep(_ report: SignedDrill) throws(StoreFailure) {}
}
