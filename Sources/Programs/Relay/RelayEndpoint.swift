import Glibc
import InterlockCommandLine
import InterlockMCP
import InterlockTransport

/// The gateway's endpoint that the relay sends to, with the headers of its requests.
struct RelayEndpoint: Sendable {
    static let startPatience = Duration.seconds(5)

    let client: LocalClient
    let path: String
    let headers: [(name: String, value: String)]

    /// - Parameter url: must be http on loopback.
    init(_ url: String?, server: String?, token: String) throws(Failure) {
        guard let url else {
            throw Failure(
                .usage, "there is no gateway", help: "--gateway http://127.0.0.1:7400/mcp")
        }
        guard url.hasPrefix("http://") else {
            throw Failure(
                .usage, "`\(url)` is not reached by this version", help: "http://127.0.0.1:7400/mcp"
            )
        }
        let rest = url.dropFirst(7)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].split(separator: ":")
        guard let host = authority.first, ["127.0.0.1", "localhost"].contains(host),
            authority.count <= 2, let port = authority.count == 2 ? UInt16(authority[1]) : 80
        else { throw Failure(.usage, "`\(url)` is not on this machine, and http goes no further") }
        client = LocalClient(.tcp(host: String(host), port: port))
        let base = slash == rest.endIndex ? "/mcp" : String(rest[slash...])
        path = base + (server.map { "/" + $0 } ?? "")
        headers = [
            ("authorization", "Bearer \(token)"), ("content-type", "application/json"),
            ("accept", StreamableHTTP.accept),
        ]
    }

    /// Waits for the gateway for 5 s, which is within the 10 s that a host waits for a response.
    func awaitGateway() throws(Failure) {
        let deadline = ContinuousClock.now + Self.startPatience
        while true {
            switch pingResult() {
            case .answered(let refusal):
                guard let refusal else { return }
                throw refusal
            case .unreached(let failure):
                guard ContinuousClock.now < deadline else {
                    throw Failure(.unavailable, "the gateway cannot be reached: \(failure)")
                }
                usleep(100_000)
            }
        }
    }

    private enum PingResult {
        case answered(Failure?)
        case unreached(LocalFailure)
    }

    private func pingResult() -> PingResult {
        let ping = Array(#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#.utf8)
        do throws(LocalFailure) {
            let answer = try client.send("POST", path, headers: headers, body: ping)
            return .answered(refusal(answer.head.status, answer.body))
        } catch { return .unreached(error) }
    }

    private func refusal(_ status: Int, _ body: [UInt8]) -> Failure? {
        switch status {
        case 401, 403:
            let text = String(decoding: body.prefix(200), as: UTF8.self).filter { $0 != "\n" }
            return Failure(.notPermitted, "the gateway refuses the token: \(text)")
        case 404: return Failure(.usage, "the gateway has no endpoint `\(path)`")
        default: return nil
        }
    }
}
