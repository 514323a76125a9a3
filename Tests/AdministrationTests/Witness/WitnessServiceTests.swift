import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockWitness

/// A node as a witness of other logs, at the level of HTTP requests.
@Suite struct `Witness service` {
    let log = FakeLog()
    let clock = FakeClock()
    let store = MemoryWitnessStore()
    let plane: WitnessPlane

    init() throws {
        let secret = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32)))
        let key = try #require(
            CosignerKey(
                name: "acme/gw2", publicKey: secret.publicKey.bytes, hashing: OpenSSLHashing()))
        let policy = log.policy
        plane = WitnessPlane(
            WitnessService(
                key: key, sign: { secret.sign($0) }, store: store, clock: clock,
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
                trust: { (policy, ImmediateWitnessList()) }), prefix: "/witness")
    }

    private func send(
        _ method: String, _ path: String, _ body: [UInt8] = []
    ) async throws -> (status: Int, type: String?, body: String) {
        let head = RequestHead(
            listener: .people, method: method, path: path, query: nil, headers: [],
            contentLength: body.count)
        let response: HTTPResponse
        switch plane.judge(head) {
        case .refuse(let refusal): response = refusal
        case .readBody:
            let exchange = FakeExchange()
            await plane.handle(head, body: body, exchange)
            response = try #require(exchange.now.response)
        }
        return (
            response.status, response.headers.first { $0.name == "content-type" }?.value,
            String(decoding: response.body, as: UTF8.self)
        )
    }

    private func add(old: UInt64, _ note: [UInt8]) async throws -> (Int, String?, String) {
        let head = try Checkpoint(text: SignedNote(parsing: note).text)
        let proof = old == 0 ? [] : log.consistencyProof(oldSize: old, of: head)
        let answer = try await send(
            "POST", "/witness/add-checkpoint",
            AddCheckpoint.body(oldSize: old, proof: proof ?? [], note: note))
        return (answer.status, answer.type, answer.body)
    }

    private var notePath: String {
        "/witness/\(WitnessMemory.name(of: log.key.name, OpenSSLHashing()))/checkpoint"
    }

    @Test func `what was cosigned is remembered and shown to anybody`() async throws {
        #expect(try await send("GET", notePath).status == 404)
        let first = try await add(old: 0, log.grow(3))
        #expect(first.0 == 200 && first.2.hasPrefix("\u{2014} acme/gw2 "))
        #expect(try await add(old: 3, log.grow(4)).0 == 200)
        let shown = try await send("GET", notePath)
        #expect(shown.status == 200)
        #expect(shown.body.hasPrefix("acme/gw1/2026\n7\n"))
        try SignedNote(parsing: Array(shown.body.utf8)).verify([log.key], OpenSSLVerifier())
    }

    @Test func `a wrong size is a conflict with its own media type; a fork is kept`() async throws {
        _ = try await add(old: 0, log.grow(3))
        let answer = try await add(old: 2, log.grow(4))
        #expect(answer.0 == 409)
        #expect(answer.1 == "text/x.tlog.size")
        #expect(answer.2 == "3\n")
        #expect(store.kept.isEmpty)
        let fork = FakeLog(salt: 1)
        let note = fork.grow(9)
        #expect(try await add(old: 3, note).0 == 422)
        #expect(store.kept == [note])
    }

    @Test func `a memory that cannot be written gives no cosignature`() async throws {
        store.fail(true)
        #expect(try await add(old: 0, log.grow(3)).0 == 503)
        store.fail(false)
        #expect(try await add(old: 0, log.note).0 == 200)
    }

    @Test func `more than one request a second is too many`() async throws {
        var statuses: [Int] = []
        for size in 0..<6 { statuses.append(try await add(old: UInt64(size), log.grow(1)).0) }
        #expect(statuses == [200, 200, 200, 200, 429, 429])
        clock.advance(.seconds(1))
        #expect(try await add(old: 4, log.note).0 == 200)
    }

    @Test func `two at once do not roll the memory back`() async throws {
        let small = log.grow(3)
        let large = log.grow(3)
        async let a = add(old: 0, small)
        async let b = add(old: 0, large)
        let statuses = try await [a.0, b.0].sorted()
        #expect(statuses == [200, 409])
    }

    @Test(arguments: [
        ("GET", "/witness/add-checkpoint", 405), ("PUT", "/witness/add-checkpoint", 405),
        ("POST", "/witness/sign-subtree", 404), ("GET", "/witness/", 404),
        ("GET", "/witness/ABC/checkpoint", 404), ("GET", "/witness/../keys/checkpoint", 404),
        ("POST", "/witness/add-checkpoint", 400),
    ])
    func `nothing else is served`(method: String, path: String, status: Int) async throws {
        #expect(try await send(method, path).status == status)
    }
}
