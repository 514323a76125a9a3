import InterlockAdministration
import InterlockConsoleWorld
import InterlockCredentials
import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas
import Synchronization

@testable import InterlockAPI
@testable import InterlockConsole

/// Sends requests to the console as one person's browser does.
struct Browser {
    static let origin = "https://interlock.example"
    let world: ConsoleWorld
    let console: Console
    /// The session cookie; nil if signed out.
    var token: String?
    /// Is true if requests carry a session proof.
    var proves = true
    /// Additional headers of every request.
    var more: [(name: String, value: String)] = []

    init(
        _ world: ConsoleWorld = ConsoleWorld(), person: Int? = 0, hasEntry: Bool = false,
        sources: ConsoleSources = ConsoleSources(),
        orders: (any OrderActions)? = nil, halts: HaltService? = nil,
        services: (any ServiceAccountAuthenticator)? = nil,
        chart: [UInt8]? = nil, mostStreams: Int = 8
    ) {
        self.world = world
        console = Console(
            origins: [Self.origin], sessions: world, inbox: world, clock: world,
            hashing: OpenSSLHashing(), entry: hasEntry ? world.entry : nil,
            orders: orders, services: services, halts: halts, sources: sources, chart: chart,
            mostStreams: mostStreams)
        token = person.map { world.signIn($0) }
    }

    var headers: [(name: String, value: String)] {
        [("host", "interlock.example")]
            + (token.map { [("cookie", "\(HostCookie.session.name)=\($0)")] } ?? []) + more
    }

    /// Follows a link; a request to the API carries a proof.
    func get(_ target: String, _ more: (name: String, value: String)...) async -> Answer {
        let proof = target.hasPrefix(PeopleAPI.prefix) ? proof("GET", target) : []
        return await ask("GET", target, headers + more + proof)
    }

    /// Submits a form as a browser does.
    func post(
        _ path: String, _ fields: [(String, String)], origin: String? = Browser.origin,
        site: String? = "same-origin", type: String = "application/x-www-form-urlencoded"
    ) async -> Answer {
        var headers = headers + [("content-type", type)]
        if let origin { headers.append(("origin", origin)) }
        if let site { headers.append(("sec-fetch-site", site)) }
        let body = fields.map { "\($0)=\($1)" }.joined(separator: "&")
        headers += proof("POST", path, body)
        return await ask("POST", path, headers, Array(body.utf8))
    }

    private static let proofs = Atomic(1)

    /// A request's proof, as the page's script makes it; empty if `proves` is false or the browser is signed out.
    func proof(
        _ method: String, _ target: String, _ body: String = ""
    ) -> [(name: String, value: String)] {
        guard proves, token != nil else { return [] }
        let number = Self.proofs.add(1, ordering: .relaxed).newValue
        let request = ProvenRequest(
            method: method, origin: Self.origin, target: target,
            body: OpenSSLHashing().sha256(Array(body.utf8).span))
        return [(SessionProof.header, WorldKey.proof(of: request, number: number))]
    }

    /// Downloads a file.
    func file(_ target: String) async -> Answer {
        await ask("GET", target, headers + proof("GET", target))
    }

    var formToken: String {
        get async {
            await token.asyncMap { await world.session(of: $0, isUse: false)?.formToken } ?? ""
        }
    }

    func ask(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)],
        _ body: [UInt8] = []
    ) async -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1)
        let head = RequestHead(
            listener: .people, method: method, path: String(parts[0]),
            query: parts.count > 1 ? String(parts[1]) : nil, headers: headers,
            contentLength: body.count)
        switch console.judge(head) {
        case .refuse(let response): return Answer(response)
        case .readBody(let limit):
            guard body.count <= limit else { return Answer(HTTPResponse(status: 413)) }
            let exchange = HeldExchange()
            await console.handle(head, body: body, exchange)
            return Answer(exchange.response.withLock { $0 } ?? HTTPResponse(status: 500))
        }
    }
}

struct Answer {
    let response: HTTPResponse
    init(_ response: HTTPResponse) { self.response = response }
    var status: Int { response.status }
    var text: String { String(decoding: response.body, as: UTF8.self) }
    subscript(name: String) -> String? { response.headers.first { $0.name == name }?.value }
}

/// Stores the response and the events.
final class HeldExchange: Exchange {
    let response = Mutex<HTTPResponse?>(nil)
    let events = Mutex<[String]>([])
    let ended = Mutex(false)
    private let handlers = Mutex<[@Sendable () -> Void]>([])

    var isAnswered: Bool { response.withLock { $0 != nil } }

    func respond(_ response: HTTPResponse) { self.response.withLock { $0 = $0 ?? response } }
    func startEvents(headers: [(name: String, value: String)]) {
        response.withLock { $0 = HTTPResponse(status: 200, headers: headers) }
    }
    func send(event: [UInt8]) {
        events.withLock { $0.append(String(decoding: event, as: UTF8.self)) }
    }
    func endEvents() { ended.withLock { $0 = true } }
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {
        handlers.withLock { $0.append(handler) }
    }
    func close() { for handler in handlers.withLock({ $0 }) { handler() } }
}

extension Optional where Wrapped: Sendable {
    func asyncMap<Value>(_ body: (Wrapped) async -> Value?) async -> Value? {
        guard let self else { return nil }
        return await body(self)
    }
}

extension Browser {
    /// Calls the API as a program does; `without` removes headers, `more` adds some.
    func call(
        _ path: String, _ body: String? = nil, without: Set<String> = [],
        and more: [(name: String, value: String)] = []
    ) async -> Answer {
        var headers = headers
        if body != nil {
            headers += [
                ("content-type", "application/json"),
                ("x-interlock-form-token", await formToken),
            ]
        }
        let method = body == nil ? "GET" : "POST"
        headers += proof(method, PeopleAPI.prefix + path, body ?? "")
        return await ask(
            method, PeopleAPI.prefix + path, headers.filter { !without.contains($0.name) } + more,
            Array((body ?? "").utf8))
    }
}

extension Answer {
    var json: JSONValue? { try? JSONValue(parsing: response.body, limits: .agent) }
    /// The code of a problem that matches the documented schema and the response's status.
    var problem: String? {
        guard self["content-type"] == "application/problem+json", let json,
            (try? Problem.form.shape.check(json)) != nil,
            json["status"]?.integer == Int64(status)
        else { return nil }
        return json["code"]?.string
    }
}
