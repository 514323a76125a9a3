package import InterlockJSON
import InterlockModel

extension LocalServices {
    /// Takes a halt that was signed without the gateway (`interlock kill --offline`).
    package func haltOffline(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let envelope = try envelope(call.body)
        do throws(OrderRefusal) {
            return try await kill.halt(envelope, source: "offline").json
        } catch { throw Problem(error) }
    }

    package func release(_ call: LocalCall) throws(Problem) -> JSONValue {
        guard let id = OrderID(call["release"]), let order = kill.pending(id) else {
            throw Problem(.noSuchOrder, "there is no such release")
        }
        return ["order": order.json]
    }
}
