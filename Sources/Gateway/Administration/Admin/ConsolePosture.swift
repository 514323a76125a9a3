import InterlockJSON

/// Where people find the console, for `status`.
package struct ConsolePosture: Sendable {
    /// nil without one: people decide on the command line alone.
    package let url: String?
    /// What keeps people from signing in there.
    package let problem: String?
    /// What of it is not there; people can work without.
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
