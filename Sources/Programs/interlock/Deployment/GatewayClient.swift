import InterlockJSON
import InterlockTransport

/// A client of the running gateway over its local socket. A user who can open the socket is an operator.
struct GatewayClient {
    private static let patience = Duration.seconds(30)
    private let client: LocalClient

    init(_ deployment: Deployment, patience: Duration = Self.patience) {
        client = LocalClient(.unix(path: deployment.socket), patience: patience)
    }

    func get(_ target: String) throws(Failure) -> JSONValue { try send("GET", target, nil) }
    func post(_ target: String, _ body: JSONValue) throws(Failure) -> JSONValue {
        try send("POST", target, body)
    }

    /// - Throws: 69 if the gateway cannot be reached; otherwise a failure for its status, or 70 if the response is
    ///   unreadable.
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

    private func failure(_ status: Int, _ value: JSONValue?) -> Failure {
        let exit: Exit =
            switch status {
            case 400, 422: .data
            case 403: .notPermitted
            case 404: .notFound
            case 409: .no
            case 503: .unavailable
            default: .internalError
            }
        return Failure(
            exit,
            value?["message"]?.string ?? "the gateway answered \(status), and nothing readable",
            help: value?["help"]?.string)
    }
}
