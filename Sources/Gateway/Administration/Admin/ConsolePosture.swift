import InterlockJSON

/// The state of the console, for `interlock status`.
package struct ConsolePosture: Sendable {
    /// The address of the console, or nil if none is configured; people then decide only on the command line.
    package let url: String?
    /// The reason why people cannot sign in, or nil if they can.
    package let problem: String?
    /// A description of an optional part that is missing, or nil. The console works without it.
    package let missing: String?

    package init(url: String? = nil, problem: String? = nil, missing: String? = nil) {
        self.url = url
        self.problem = problem
        self.missing = missing
    }

    var json: JSONValue {
        [
            "url": url.map(JSONValue.string) ?? .null,
            "problem": problem.map(JSONValue.string) ?? .null,
            "missing": missing.map(JSONValue.string) ?? .null,
        ]
    }
}
