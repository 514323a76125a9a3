package import InterlockJSON

/// Finds out which era a server speaks, over stdio and over HTTP (specs of MCP, section 4): ask
/// `server/discover`; what does not speak for the modern era gets `initialize`. Sends nothing itself:
/// each function says what is to be done next.
///
/// INVARIANT: ends after at most two probes, one handshake and one restart.
package struct EraNegotiation: Sendable {
    package enum Step: Sendable {
        /// Send `server/discover` in this version; then `probed`.
        case discover(ProtocolVersion)
        /// Send `initialize` with this version; then `greeted`.
        case initialize(ProtocolVersion)
        /// The process ended at the probe: start it once more, then send `initialize`.
        case restart
        case opened(UpstreamHandshake)
        /// One sentence, lower case. Nothing has been learnt of the era.
        case failed(String)
    }

    /// What came of a request.
    package enum Answer: Sendable {
        case result(JSONObject)
        case error(JSONRPCError)
        /// HTTP alone: another status than 2xx, with the JSON-RPC error of its body.
        case refused(status: Int, JSONRPCError?)
        /// An answer that is no message.
        case garbage(String)
        /// stdio alone: nothing within the time that a probe has.
        case silence
        /// stdio alone: the process has ended.
        case ended(String)
        /// An outage, which says nothing of the era.
        case unreachable(String)
    }

    private static let mostProbes = 2

    private var probes = 0
    private var hasGreeted = false
    /// Why the handshake was refused, where it came first.
    private var refusal: String?
    private let guess: ProtocolVersion?

    /// - Parameter guess: spoken at the last meeting, or at review; tried first.
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
            // Only slow at the probe, or modern since the last meeting.
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

    // MARK: what speaks for the modern era

    private mutating func judge(_ error: JSONRPCError?, status: Int) -> Step {
        let overHTTP = status != 200
        switch error?.code {
        case JSONRPCError.unsupportedVersion: return unsupported(error)
        case JSONRPCError.headerMismatch where overHTTP,
            JSONRPCError.missingCapability where overHTTP,
            JSONRPCError.methodNotFound where status == 404:
            // Modern, but it tells nothing of itself: its list will.
            return .opened(.undisclosed)
        default:
            return fallBack(error.map { "error \($0.code): \($0.message)" } ?? "status \(status)")
        }
    }

    /// -32022 names the versions that are spoken.
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

    // MARK: what does not

    private mutating func initialize(_ version: ProtocolVersion) -> Step {
        hasGreeted = true
        return .initialize(version)
    }

    private mutating func fallBack(_ reason: String) -> Step {
        hasGreeted ? .failed(refusal ?? reason) : initialize(.newest)
    }

    /// A handshake that is refused was right only where the probe had spoken for it.
    private mutating func wasGuess(_ reason: String) -> Step {
        guard probes == 0 else { return .failed(reason) }
        refusal = reason
        return discover(.modern)
    }

    private static func text(_ status: Int, _ error: JSONRPCError?) -> String {
        "status \(status)" + (error.map { ": \($0.message)" } ?? "")
    }
}
