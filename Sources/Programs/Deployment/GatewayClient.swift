import InterlockAdministration
package import InterlockCommandLine
package import InterlockJSON
import InterlockTransport

/// A client of the running gateway over its local socket. A user who can open the socket is an operator.
package struct GatewayClient {
    private static let patience = Duration.seconds(30)
    private let client: LocalClient

    package init(_ deployment: Deployment, patience: Duration = Self.patience) {
        client = LocalClient(.unix(path: deployment.socket), patience: patience)
    }

    package func get(_ target: String) throws(Failure) -> JSONValue { try send("GET", target, nil) }
    @discardableResult
    package func post(_ target: String, _ body: JSONValue) throws(Failure) -> JSONValue {
        try send("POST", target, body)
    }

    /// Returns every row of a list by reading all its pages; `list` is the member of a page that contains the rows.
    package func rows(_ target: String, _ list: String) throws(Failure) -> [JSONValue] {
        var rows: [JSONValue] = []
        for page in 1... {
            let mark = target.contains("?") ? "&" : "?"
            let answer = try get("\(target)\(mark)page=\(page)")
            rows += answer[list]?.array ?? []
            guard let pages = answer["pages"]?.integer else {
                throw Failure(.internalError, "the gateway sent a list without its number of pages")
            }
            guard page < pages else { break }
        }
        return rows
    }

    /// - Throws: exit 69 if the gateway cannot be reached or its response is invalid; otherwise the exit code that the
    ///   response gives.
    private func send(
        _ method: String, _ target: String, _ body: JSONValue?
    ) throws(Failure) -> JSONValue {
        let answer: (head: ResponseHead, body: [UInt8])
        do throws(LocalFailure) {
            answer = try client.send(
                method, target, headers: [("content-type", "application/json")],
                body: body?.serialized() ?? [])
        } catch {
            throw Failure(
                .unavailable, "the gateway cannot be reached: \(error)",
                help: "start it with `interlock serve --dir DIR`")
        }
        let value = try? JSONValue(parsing: answer.body, limits: .upstream)
        // An unreadable response must not pass for an empty list.
        guard answer.head.status == 200, let value else {
            throw failure(answer.head.status, value)
        }
        return value
    }

    /// A response without a code of a problem comes from a listener that is full or busy, or does not serve this user:
    /// it answers before any operation is known, with the status of a problem.
    private func failure(_ status: Int, _ value: JSONValue?) -> Failure {
        let kind = value?["code"]?.string.flatMap(ProblemKind.init)
        let exit = kind?.exitCode ?? ProblemKind.exitCode(status: status)
        return Failure(
            exit.flatMap(Exit.init) ?? .internalError,
            value?["detail"]?.string ?? "the gateway answered \(status), and nothing readable",
            help: value?["help"]?.string)
    }
}
