import Glibc
import InterlockJSON
import InterlockMCP
import InterlockTransport
import Synchronization

/// Carries messages between the host's pipes and the gateway, each as a POST of its own. Decides
/// nothing: an unknown outcome is said, never hidden by sending again.
final class Relay: Sendable {
    static let lineLimitBytes = 4 << 20
    private static let requestsAtOnce = 64
    private static let patienceAtEndMilliseconds = 2000

    private struct State {
        var session: String?
        /// Replayed once when the gateway has forgotten the session.
        var opening: [UInt8]?
        var running = 0
    }
    private let endpoint: RelayEndpoint
    private let state = Mutex(State())
    private let output = Mutex(())

    init(_ endpoint: RelayEndpoint) { self.endpoint = endpoint }

    /// Returns at the end of the input.
    func run() {
        var lines = LineReader(descriptor: 0, limit: Self.lineLimitBytes)
        while let line = lines.next() {
            switch line {
            case .tooLong:
                print(
                    error: JSONRPCError(
                        code: JSONRPCError.invalidRequest, message: "the line is too long"), id: nil
                )
            case .text(let bytes): if !bytes.isEmpty { take(bytes) }
            }
        }
        end()
    }

    private func take(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes, limits: .agent) else {
            return print(
                error: JSONRPCError(code: JSONRPCError.parseError, message: "not valid JSON"),
                id: nil)
        }
        let id = value["id"].flatMap(RequestID.init)
        let method = value["method"]?.string
        if method == "initialize" {
            state.withLock {
                $0.opening = bytes
                $0.session = nil
            }
            return post(bytes, id, isOpening: true)
        }
        guard id != nil, method != nil else {
            post(bytes, nil)
            if method == "notifications/initialized" { onThread { self.listen() } }
            return
        }
        // The host waits for nobody: each request has a thread while it lasts.
        state.withLock { $0.running += 1 }
        while state.withLock({ $0.running }) > Self.requestsAtOnce { usleep(1000) }
        onThread {
            self.post(bytes, id)
            self.state.withLock { $0.running -= 1 }
        }
    }

    private func post(
        _ bytes: [UInt8], _ id: RequestID?, isOpening: Bool = false, isAgain: Bool = false
    ) {
        do throws(LocalFailure) {
            let stream = try endpoint.client.open(
                "POST", endpoint.path, headers: headers, body: bytes)
            if isOpening, let session = stream.head[StreamableHTTP.sessionHeader] {
                state.withLock { $0.session = session }
            }
            if stream.head.status == 404, !isOpening, !isAgain, reopen() {
                return post(bytes, id, isAgain: true)
            }
            try relay(stream, id)
        } catch {
            guard let id else { return }
            print(error: .lost(error), id: id)
        }
    }

    /// The gateway has restarted: opens a session anew with what the host said at first.
    private func reopen() -> Bool {
        guard let opening = state.withLock({ $0.opening }) else { return false }
        do throws(LocalFailure) {
            let answer = try endpoint.client.send(
                "POST", endpoint.path, headers: endpoint.headers, body: opening)
            guard answer.head.status == 200, let session = answer.head[StreamableHTTP.sessionHeader]
            else {
                return false
            }
            state.withLock { $0.session = session }
            return true
        } catch {
            return false
        }
    }

    private func relay(_ stream: LocalStream, _ id: RequestID?) throws(LocalFailure) {
        if stream.head["content-type"]?.hasPrefix(StreamableHTTP.eventStream) == true {
            return try relayEvents(stream, id)
        }
        let body = try stream.rest()
        guard let id else { return }
        guard var answer = (try? JSONValue(parsing: body, limits: .upstream))?.object else {
            return print(error: .odd(stream.head.status), id: id)
        }
        // The gateway could not read the id of what it refused; the host must be able to match it.
        if answer["id"] == nil || answer["id"] == .null { answer["id"] = id.json }
        print(JSONValue.object(answer).serialized())
    }

    private func relayEvents(_ stream: LocalStream, _ id: RequestID?) throws(LocalFailure) {
        var parser = SSEParser()
        while let part = try stream.next() {
            guard let events = try? parser.feed(part) else {
                throw LocalFailure(.notHTTP, "the answer is no event stream")
            }
            for event in events { print(event.data) }
        }
    }

    /// What the gateway says by itself comes on a stream of its own, for as long as there is a session.
    private func listen() {
        guard let stream = try? endpoint.client.open("GET", endpoint.path, headers: headers) else {
            return
        }
        guard stream.head.status == 200 else { return }
        try? relayEvents(stream, nil)
    }

    private var headers: [(name: String, value: String)] {
        guard let session = state.withLock({ $0.session }) else { return endpoint.headers }
        return endpoint.headers + [(StreamableHTTP.sessionHeader, session)]
    }

    private func end() {
        var waited = 0
        while state.withLock({ $0.running }) > 0, waited < Self.patienceAtEndMilliseconds {
            usleep(10_000)
            waited += 10
        }
        guard state.withLock({ $0.session }) != nil else { return }
        _ = try? endpoint.client.send("DELETE", endpoint.path, headers: headers)
    }

    private func print(error: JSONRPCError, id: RequestID?) {
        print(JSONRPCAnswer.error(id: id, error))
    }

    private func print(_ message: [UInt8]) {
        output.withLock { _ in Output.bytes(message + [UInt8(ascii: "\n")]) }
    }
}

extension JSONRPCError {
    fileprivate static func lost(_ failure: LocalFailure) -> JSONRPCError {
        let outcome = failure.code == .unreachable ? "not_executed" : "unknown"
        return JSONRPCError(
            code: 5020, message: "the gateway cannot be reached: \(failure)",
            data: ["reason": "gateway", "outcome": .string(outcome)])
    }

    fileprivate static func odd(_ status: Int) -> JSONRPCError {
        JSONRPCError(code: JSONRPCError.internalError, message: "the gateway answered \(status)")
    }
}

/// Runs a blocking body on a thread of its own.
private func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
    let status = unsafe pthread_create(
        &thread, nil,
        { context in
            guard let context = unsafe context else { return nil }
            unsafe Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, context)
    if status == 0 {
        pthread_detach(thread)
    } else {
        unsafe Unmanaged<Box>.fromOpaque(context).release()
        body()
    }
}
