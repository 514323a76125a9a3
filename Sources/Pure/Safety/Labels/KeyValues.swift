package import InterlockModel

/// The labels of the key values of one call.
package struct KeyLabels: Sendable {
    /// The worst label; that of a value that the model made if the call has no key value.
    package let worst: ValueLabel
    /// The first values, in the order of the arguments.
    package let values: [KeyValue]
    /// The number of all values.
    package let count: Int
    /// True if the user's request named every value, and at least one of them.
    package let isOfRequest: Bool

    package struct KeyValue: Sendable, Hashable {
        /// The JSON Pointer of the value; for the name of a member that the schema does not have, with ` (name)`.
        package let pointer: String
        package let label: ValueLabel
        /// The source of an untrusted value, or nil if it is not known.
        package let source: String?
    }

    /// The words of a tool, none of which is in the user's request although one should be; otherwise empty.
    package let missing: [String]

    package static let most = 16

    package init(
        worst: ValueLabel, values: [KeyValue], count: Int, isOfRequest: Bool, missing: [String] = []
    ) {
        self.worst = worst
        self.values = values
        self.count = count
        self.isOfRequest = isOfRequest
        self.missing = missing
    }

    /// Returns the labels of the same call, which counts as having an untrusted key value because the user's request
    /// has none of these words.
    package func lacking(_ words: [String]) -> KeyLabels {
        KeyLabels(
            worst: .untrusted, values: values, count: count, isOfRequest: isOfRequest,
            missing: words)
    }
}

/// The constants of a policy that an agent's calls may use: the hosts that its `egress` allows, in lower case.
package struct LabelConstants: Sendable {
    private let hosts: [[UInt8]]
    /// The names below which every host is allowed, with a dot in front.
    private let suffixes: [[UInt8]]

    /// - Parameter egress: rules of the form `HOST:PORTS` or `*.HOST:PORTS`.
    package init(egress: [String]) {
        let names = egress.map { rule in
            Array(
                (rule.utf8.lastIndex(of: UInt8(ascii: ":")).map { rule.utf8[..<$0] }
                    ?? rule.utf8[...]))
        }
        hosts = names.filter { $0.first != UInt8(ascii: "*") }
        suffixes = names.filter { $0.starts(with: "*.".utf8) }.map { Array($0.dropFirst()) }
    }

    func hasHost(_ host: ArraySlice<UInt8>) -> Bool {
        hosts.contains { $0.elementsEqual(host) }
            || suffixes.contains { host.count > $0.count && host.suffix($0.count) == $0[...] }
    }
}
