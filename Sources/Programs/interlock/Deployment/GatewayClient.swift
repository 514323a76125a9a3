import InterlockJSON

/// The running gateway, over its local socket: who may open the socket is the operator.
struct GatewayClient {
    private let path: String

    init(_ deployment: Deployment) { path = deployment.socket }

    func get(_ target: String) throws(Failure) -> JSONValue { try send("GET", target, nil) }
    func post(_ target: String, _ body: JSONValue) throws(Failure) -> JSONValue {
        try send("POST", target, body)
    }

    /// - Throws: 69 when the gateway cannot be reached; else what its answer says.
    private func send(_ method: String, _ target: String, _ body: JSONValue?) throws(Failure)
        -> JSONValue
    {
        let answer: LocalSocket.Answer
        do throws(LocalSocket.Unreachable) {
            answer = try LocalSocket(path: path).send(method, target, body?.serialized() ?? [])
        } catch {
            throw Failure(
                .unavailable, "the gateway cannot be reached: \(error.reason)",
                help: "start it with `interlock serve --dir DIR`")
        }
        let value = (try? JSONValue(parsing: answer.body, limits: .upstream)) ?? .null
        guard (200..<300).contains(answer.status) else { throw failure(answer.status, value) }
        return value
    }

    private func failure(_ status: Int, _ value: JSONValue) -> Failure {
        let exit: Exit =
            switch status {
            case 400: .data
            case 403: .notPermitted
            case 404: .notFound
            case 409: .no
            case 422: .data
            case 503: .unavailable
            default: .internalError
            }
        return Failure(
            exit, value["message"]?.string ?? "the gateway answered \(status)",
            help: value["help"]?.string)
    }
}
