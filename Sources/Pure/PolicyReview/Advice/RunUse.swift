/// The statements of the records of one sandboxed run about the permissions that it used.
package struct RunUse: Sendable, Hashable {
    /// Connections to one port of one host with the same decision.
    package struct Connections: Sendable, Hashable {
        /// The canonical host; nil if its payload cannot be opened.
        package let host: String?
        package let port: Int
        /// The text of the rule that permitted them, such as `tls api.example.com:443`; nil if they were refused.
        package let rule: String?
        /// The code of the refusal; nil if they were permitted.
        package let code: String?

        package init(host: String?, port: Int, rule: String?, code: String?) {
            self.host = host
            self.port = port
            self.rule = rule
            self.code = code
        }
    }

    /// The connections with their numbers, at least 1 each.
    package private(set) var connections: [Connections: Int64] = [:]
    /// The names of the secrets that the run was given; nil if the record of its start does not say.
    package var secrets: [String]?

    package init() {}

    package mutating func add(_ connections: Connections, count: Int64 = 1) {
        let (sum, isTooMany) = (self.connections[connections] ?? 0).addingReportingOverflow(count)
        self.connections[connections] = isTooMany ? .max : sum
    }

    var permitted: [Connections] { connections.keys.filter { $0.rule != nil } }
}
