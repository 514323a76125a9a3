import InterlockJSON
import InterlockMCP
import InterlockPorts

/// One JSON-RPC message sent by POST, and its response: nothing, a JSON body or an event stream (Streamable HTTP). Used
/// on its client's loop.
final class MCPPostExchange: @unchecked Sendable {
    enum Outcome {
        case result(JSONObject)
        case error(JSONRPCError)
        /// 2xx without the awaited message: correct for a notification, a protocol violation for a request.
        case accepted
        /// Another status, with the JSON-RPC error of the body if it contains one.
        case refused(status: Int, JSONRPCError?)
        case failed(ClientFailure)
        /// The response is not MCP.
        case garbage(String)
        /// The response exceeds a limit and was not read.
        case exceeded(ResponseExcess)
        /// The stream ended or broke before the answer, and stated the position to resume from.
        case interrupted(after: String, pause: Duration)
    }

    private let client: HTTPClient
    private let id: Int64?
    private let resumes: Bool
    private let onMessage: (JSONRPCMessage) -> Void
    private var onOutcome: ((ClientHead, Outcome) -> Void)?
    /// Called once the server has begun to respond, with any status. Must be set before `start`.
    var onHead: (() -> Void)?

    private var transfer: HTTPTransfer?
    private var head = ClientHead(status: 0)
    private var body: [UInt8] = []
    private var events: SSEParser?
    private var isDone: Bool { onOutcome == nil }

    /// The time that a stream may remain open after it has delivered its answer.
    private static let afterAnswer = Duration.seconds(1)
    private static let refusalBytes = 64 * 1024
    /// The default pause before a stream is resumed; `retries` bounds the pause that the server requests.
    private static let retry = Duration.seconds(1)
    private static let retries = Duration.milliseconds(100)...Duration.seconds(30)

    /// - Parameters:
    ///   - id: the id of the request whose answer is awaited, or nil for notifications and answers.
    ///   - resumes: true if an interruption is reported as `interrupted`.
    ///   - onMessage: receives other messages of the stream: notifications, requests of the upstream.
    ///   - onOutcome: called once.
    init(
        client: HTTPClient, id: Int64?, resumes: Bool = false,
        onMessage: @escaping (JSONRPCMessage) -> Void,
        onOutcome: @escaping (ClientHead, Outcome) -> Void
    ) {
        self.client = client
        self.id = id
        self.resumes = resumes
        self.onMessage = onMessage
        self.onOutcome = onOutcome
    }

    var wasSent: Bool { transfer?.wasSent ?? false }

    func start(_ request: ClientRequest) {
        transfer = client.start(
            request,
            HTTPTransfer.Events(
                head: { self.take(head: $0) }, bytes: { self.take(bytes: $0) },
                end: { self.end($0) }))
    }

    /// Suspends all time limits until `resume`.
    func pause() { transfer?.pause(nowNanoseconds: client.loop.nowNanoseconds) }
    func resume() { transfer?.resume(nowNanoseconds: client.loop.nowNanoseconds) }

    /// Closes the connection. A missing outcome becomes `failed` with `cancelled`.
    func cancel() {
        if let transfer { client.cancel(transfer) }
    }

    private func take(head: ClientHead) {
        self.head = head
        if let tell = onHead {
            onHead = nil
            tell()
        }
        if (200..<300).contains(head.status), head.mediaType == StreamableHTTP.eventStream {
            events = SSEParser()
        }
    }

    private func take(bytes: [UInt8]) {
        guard !isDone else { return }
        guard events != nil else {
            if (200..<300).contains(head.status) || body.count < Self.refusalBytes {
                if body.isEmpty { body = bytes } else { body += bytes }
            }
            return
        }
        do throws(SSEError) {
            // An empty event only names a position to resume from (2025-11-25).
            for event in try events?.feed(bytes) ?? []
            where sameBytes(event.name, "message") && !event.data.isEmpty {
                read(event.data)
            }
        } catch {
            finish(
                .exceeded(
                    ResponseExcess(.size, "an event is above \(SSEParser.maximumEventBytes) bytes"))
            )
            cancel()
        }
    }

    private func end(_ failure: ClientFailure?) {
        transfer = nil
        guard !isDone else { return }
        if let interrupted = interruption(failure) { return finish(interrupted) }
        if let failure { return finish(.failed(failure)) }
        guard (200..<300).contains(head.status) else {
            return finish(.refused(status: head.status, Self.error(in: body)))
        }
        if events == nil, !body.isEmpty {
            guard head.mediaType == StreamableHTTP.json else {
                return finish(.garbage("the answer is neither JSON nor an event stream"))
            }
            read(body)
        }
        finish(.accepted)
    }

    private func interruption(_ failure: ClientFailure?) -> Outcome? {
        guard resumes, failure == nil || failure?.kind == .broken, let last = events?.lastEventID
        else { return nil }
        let wanted =
            events?.retryMilliseconds.map { Duration.milliseconds(Int64($0)) } ?? Self.retry
        return .interrupted(
            after: last, pause: min(max(wanted, Self.retries.lowerBound), Self.retries.upperBound))
    }

    /// Reads a message, or in 2025-03-26 a batch of messages.
    private func read(_ bytes: [UInt8]) {
        do throws(JSONError) {
            let value = try JSONValue(parsing: bytes, limits: .upstream)
            if case .array(let elements) = value {
                for element in elements { take(element) }
            } else {
                take(value)
            }
        } catch {
            finish(
                ResponseExcess(error).map(Outcome.exceeded)
                    ?? .garbage("the answer is no JSON: \(error)"))
        }
    }

    private func take(_ value: JSONValue) {
        do throws(InvalidMessage) {
            switch try JSONRPCMessage(value) {
            case .result(let answered, let result) where isOurs(answered): finish(.result(result))
            case .error(let answered?, let error) where isOurs(answered): finish(.error(error))
            // Also passes answers without a matching request, which are counted and dropped.
            case let message: onMessage(message)
            }
        } catch {
            finish(.garbage("the answer is no JSON-RPC: \(error.error.message)"))
        }
    }

    private func isOurs(_ answered: RequestID) -> Bool {
        if case .integer(let number) = answered { number == id } else { false }
    }

    private func finish(_ outcome: Outcome) {
        guard let tell = onOutcome else { return }
        onOutcome = nil
        if transfer != nil, events != nil {
            // The stream should end by itself, so that its connection can be reused.
            _ = client.loop.schedule(after: Self.afterAnswer) { self.cancel() }
        }
        tell(head, outcome)
    }

    private static func error(in body: [UInt8]) -> JSONRPCError? {
        guard let value = try? JSONValue(parsing: body, limits: .upstream),
            case .error(_, let error)? = try? JSONRPCMessage(value)
        else { return nil }
        return error
    }
}
