package import InterlockJSON

/// Determines the era of a server over stdio and HTTP (docs/specs/mcp.md, section 4): it tries `server/discover`, and
/// falls back to `initialize` unless the response indicates the modern era. It sends nothing itself: each function
/// returns the next step.
///
/// INVARIANT: ends after at most two probes, one handshake and one restart.
/// Kept by `EraNegotiationTests`, `UpstreamEraTests`, `StdioEraTests`, `Fuzz/Messages`.
package struct EraNegotiation: Sendable {
    package enum Step: Sendable {
        /// Send `server/discover` in this version, then call `probed`.
        case discover(ProtocolVersion)
        /// Send `initialize` with this version, then call `greeted`.
        case initialize(ProtocolVersion)
        /// The process ended during the probe: restart it once, then send `initialize`.
        case restart
        case opened(UpstreamHandshake)
        /// The negotiation failed, for a reason in one lower-case sentence; the era stays unknown.
        case failed(String)
    }

    /// The outcome of a request.
    package enum Answer: Sendable {
        case result(JSONObject)
        case error(JSONRPCError)
        /// An HTTP status other than 2xx, with the JSON-RPC error of its body. HTTP only.
        case refused(status: Int, JSONRPCError?)
        /// A response that is not a valid message.
        case garbage(String)
        /// No response within the time of a probe. stdio only.
        case silence
        /// The process ended. stdio only.
        case ended(String)
        /// An outage, which gives no information about the era.
        case unreachable(String)
    }

    private static let mostProbes = 2

    private var probes = 0
    private var hasGreeted = false
    /// The reason why the handshake was refused, if it preceded the probe.
    private var refusal: String?
    private let guess: ProtocolVersion?

    /// - Parameter guess: the version of the last connection or of the review, which is tried first.
    package init(guess: ProtocolVersion?) { self.guess = guess }

    package mutating func start() -> Step {
        guard let guess, !guess.isModern else { return discover(guess ?? .modern) }
        return initialize(guess)
    }

    package mutating func probed(_ answer: Answer) -> Step {
        switch answer {
        case .result(let result):
            guard let found = try? UpstreamHandshake(discovered: result) else {
                return fallBack("the server's answer to server/discover says nothing")
            }
            return .opened(found)
        case .error(let error): return judge(error, status: 200)
        case .refused(let status, let error):
            guard [400, 404, 405].contains(status) else {
                return .failed(Self.text(status, error))
            }
            return judge(error, status: status)
        case .garbage(let reason): return fallBack(reason)
        case .silence: return fallBack("the server did not answer in time")
        case .ended(let reason):
            guard !hasGreeted else { return .failed(reason) }
            hasGreeted = true
            return .restart
        case .unreachable(let reason): return .failed(reason)
        }
    }

    package mutating func greeted(_ answer: Answer) -> Step {
        switch answer {
        case .result(let result):
            do throws(UpstreamProtocolError) {
                return .opened(try UpstreamHandshake(result))
            } catch {
                return .failed(error.description)
            }
        case .error(let error), .refused(status: 400, let error?):
            // The server was only slow at the earlier probe, or has become modern since the last connection.
            if error.code == JSONRPCError.unsupportedVersion { return unsupported(error) }
            return wasGuess("error \(error.code): \(error.message)")
        case .refused(let status, let error):
            let reason = Self.text(status, error)
            return [400, 404, 405].contains(status) ? wasGuess(reason) : .failed(reason)
        case .garbage(let reason), .ended(let reason), .unreachable(let reason):
            return .failed(reason)
        case .silence: return .failed("the server did not answer in time")
        }
    }

    // MARK: Responses of the modern era

    private mutating func judge(_ error: JSONRPCError?, status: Int) -> Step {
        let overHTTP = status != 200
        switch error?.code {
        case JSONRPCError.unsupportedVersion: return unsupported(error)
        case JSONRPCError.headerMismatch where overHTTP,
            JSONRPCError.missingCapability where overHTTP,
            JSONRPCError.methodNotFound where status == 404:
            // The server is modern but does not describe itself; its list of tools will.
            return .opened(.undisclosed)
        default:
            return fallBack(error.map { "error \($0.code): \($0.message)" } ?? "status \(status)")
        }
    }

    /// Handles -32022, which names the supported versions.
    private mutating func unsupported(_ error: JSONRPCError?) -> Step {
        let named = error?.data?["supported"]?.array?.compactMap(\.string) ?? []
        let known = named.compactMap(ProtocolVersion.init(rawValue:))
        if let modern = known.filter(\.isModern).max() {
            guard probes < Self.mostProbes else {
                return .failed("the server refuses the version that it names itself")
            }
            return discover(modern)
        }
        if named.isEmpty || !known.isEmpty {
            return fallBack(
                "the server refuses protocol version \(ProtocolVersion.modern.rawValue)")
        }
        let list = named.prefix(8).map { "`\(shortened($0))`" }.joined(separator: ", ")
        return .failed("the server speaks only protocol versions \(list)")
    }

    private mutating func discover(_ version: ProtocolVersion) -> Step {
        probes += 1
        return .discover(version)
    }

    // MARK: Fallback to the legacy eras

    private mutating func initialize(_ version: ProtocolVersion) -> Step {
        hasGreeted = true
        return .initialize(version)
    }

    private mutating func fallBack(_ reason: String) -> Step {
        hasGreeted ? .failed(refusal ?? reason) : initialize(.newest)
    }

    /// Handles a refused handshake, which is retried with a probe only if no probe preceded it.
    private mutating func wasGuess(_ reason: String) -> Step {
        guard probes == 0 else { return .failed(reason) }
        refusal = reason
        return discover(.modern)
    }

    private static func text(_ status: Int, _ error: JSONRPCError?) -> String {
        "status \(status)" + (error.map { ": \($0.message)" } ?? "")
    }
}
